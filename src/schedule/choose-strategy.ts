import type { AskedStrategy, StrategyName } from '../model/run-options.ts';
import { deviceModelOf, deviceOf, type Slot } from '../model/slot.ts';

/** A strategy, and why it was chosen where nobody named one. */
export interface ChosenStrategy {
  readonly name: StrategyName;
  readonly why?: string;
}

const GIB = 2 ** 30;

/** What pages will run on. */
interface Workplace {
  readonly kind: 'warm' | 'one-shot';
  readonly slots: readonly Slot[];
  /** The most device memory that a page took in earlier runs, with its process, in bytes; undefined where nobody knows. */
  readonly peakBytes?: number | undefined;
}

/**
 * The strategy that was asked for. `auto`: one queue where workers stay loaded or devices are unequal, by what fits where pages
 * have taken more than one of the devices has; else fixed shards, for which a script loads once.
 */
export function chooseStrategy(asked: AskedStrategy, { kind, slots, peakBytes }: Workplace): ChosenStrategy {
  if (asked !== 'auto') return { name: asked };
  if (kind === 'warm')
    return peakBytes !== undefined && fitsOnlySome(slots, peakBytes)
      ? { name: 'vram', why: 'some pages fit the larger GPUs alone' }
      : { name: 'dynamic', why: 'workers stay loaded' };
  return areUnequal(slots)
    ? { name: 'dynamic', why: 'the GPUs differ' }
    : { name: 'even', why: 'each start loads' };
}

/** True where devices are of several kinds, or have several sizes of memory or numbers of workers. */
function areUnequal(slots: readonly Slot[]): boolean {
  const workers = new Map<string, { readonly kind: string; count: number }>();
  for (const slot of slots) {
    const memory = slot.gpu?.memoryTotalBytes;
    const kind = `${deviceModelOf(slot)} ${memory === undefined ? '' : Math.round(memory / GIB)}`;
    const device = workers.get(deviceOf(slot)) ?? { kind, count: 0 };
    device.count += 1;
    workers.set(deviceOf(slot), device);
  }
  return new Set([...workers.values()].map(({ kind, count }) => `${kind} ${count}`)).size > 1;
}

/** True where one device has room for so much, and another has not. */
function fitsOnlySome(slots: readonly Slot[], bytes: number): boolean {
  const rooms = slots.flatMap(({ gpu }) => gpu?.memoryFreeBytes ?? gpu?.memoryTotalBytes ?? []);
  return rooms.some((room) => room >= bytes) && rooms.some((room) => room < bytes);
}

/** True where devices have several sizes of memory, so that what pages take may matter. */
export const hasUnequalMemory = (slots: readonly Slot[]): boolean =>
  new Set(slots.map(({ gpu }) => Math.round((gpu?.memoryFreeBytes ?? gpu?.memoryTotalBytes ?? 0) / GIB)))
    .size > 1;
