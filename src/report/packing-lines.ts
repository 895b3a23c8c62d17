import { escapeControls } from '../model/escape-controls.ts';
import type { PackingChanged } from '../model/events.ts';
import { gpuName } from '../model/slot.ts';
import { shorten } from './escape.ts';
import { plural } from './format.ts';
import type { PackingSummary, RunSummary } from './run-summary.ts';

/** What a summary keeps of the event. */
export const packingOf = ({ gpu, workers, times, why }: PackingChanged): PackingSummary => ({
  gpu,
  workers,
  ...(times !== undefined && { times }),
  why,
});

/** `3 workers, 2.6 × one: a fourth made it no faster`. */
export const packedText = ({
  workers,
  times,
  why,
}: Pick<PackingSummary, 'workers' | 'times' | 'why'>): string =>
  `${plural(workers, 'worker')}${times === undefined ? '' : `, ${times.toFixed(1)} × one`}: ${shorten(why, WHY_CHARACTERS)}`;

const WHY_CHARACTERS = 160;

/** `3 workers on each Tesla T4: 2.6 × one`: how many workers share the devices of a model, and what that brings. */
export function packingLines({ packing = [], gpus }: Pick<RunSummary, 'packing' | 'gpus'>): string[] {
  const nameOf = (gpu: number | null): string => gpus.find((one) => one.gpu === gpu)?.name ?? gpuName(gpu);
  const alike = new Map<string, (typeof packing)[number][]>();
  for (const one of packing) {
    const key = JSON.stringify([one.gpu === null ? '' : nameOf(one.gpu), one.workers, one.times, one.why]);
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].map((devices) => {
    const [{ gpu, workers, times, why } = NONE] = devices;
    const name = devices.length > 1 ? `each ${nameOf(gpu)}` : gpuName(gpu);
    const speed = times === undefined ? '' : `: ${times.toFixed(1)} × one`;
    const reason = shorten(escapeControls(why), WHY_CHARACTERS);
    return `${plural(workers, 'worker')} on ${escapeControls(name)}${speed} (${reason})`;
  });
}

const NONE = { gpu: null, workers: 0, times: undefined, why: '' };
