import prettyBytes from 'pretty-bytes';
import { cannotRun, type Refusal } from '../model/refusal.ts';
import type { Gpu } from '../model/slot.ts';
import { type CardUse, cardUses, holderTexts } from './card-use.ts';
import type { DetectedGpus } from './detect.ts';
import type { RunTool } from './run-tool.ts';
import { describeGpu, lostNotices, type SelectedGpus, selectGpus } from './select.ts';
import { visibleGpus } from './visible.ts';

/** More would hide what is to be done about them. */
const MOST_TOLD = 4;

/** A card that others use, or that has too little room. */
export interface TakenGpu {
  readonly gpu: Gpu;
  /** `python3 (pid 4711, alice) 13.4 GB` */
  readonly why: string;
}

/** What is wanted of the cards of this machine. */
export interface IdleOptions {
  readonly wanted: string;
  readonly minFreeBytes: number;
  readonly detected: DetectedGpus;
  readonly env: NodeJS.ProcessEnv;
  readonly run: RunTool;
  readonly redact?: (text: string) => string;
}

/** The GPUs that a run takes, or why none is idle. */
export type ChosenGpus =
  | ({ readonly by: 'chosen' } & SelectedGpus)
  | { readonly by: 'none-idle'; readonly taken: readonly TakenGpu[] };

/** True for a list of GPUs that means those that nobody else uses. */
export const wantsIdle = (wanted: string): boolean => wanted.trim().toLowerCase() === 'idle';

/**
 * As `selectGpus`, where `idle` are the cards without processes that have so much memory free.
 * @throws Refusal as that does, and (3) where nobody can tell which cards are idle
 */
export async function chooseGpus(options: IdleOptions): Promise<ChosenGpus> {
  const { wanted, detected, env, minFreeBytes } = options;
  if (!wantsIdle(wanted)) return { by: 'chosen', ...selectGpus(options) };
  const { gpus } = visibleGpus(detected, env);
  // Says why there is none.
  if (gpus.length === 0) selectGpus({ ...options, wanted: 'auto' });
  const { uses, trouble } = await cardUses({ ...detected, gpus }, options);
  if (trouble !== undefined)
    throw cannotRun(
      `--gpus idle: ${trouble}`,
      '--gpus auto uses all GPUs, --gpus 0,1 those that you name, whoever else does',
    );
  const looked = gpus.map((gpu) => ({ gpu, why: whyTaken(gpu, uses.get(gpu.index), minFreeBytes) }));
  const idle = looked.flatMap(({ gpu, why }) => (why === undefined ? [gpu] : []));
  if (idle.length > 0) return { by: 'chosen', gpus: idle, cpu: false, notices: lostNotices(detected) };
  return {
    by: 'none-idle',
    taken: looked.flatMap(({ gpu, why }) => (why === undefined ? [] : { gpu, why })),
  };
}

/** Why a card is not idle; undefined where it is. */
export function whyTaken(
  { memoryFreeBytes }: Gpu,
  use: CardUse = { holders: [] },
  minFreeBytes = 0,
): string | undefined {
  const held = holderTexts(use);
  if (held.length > 0) return held.join(', ');
  if (memoryFreeBytes === undefined || memoryFreeBytes >= minFreeBytes) return undefined;
  return `only ${prettyBytes(memoryFreeBytes)} free (--min-free ${prettyBytes(minFreeBytes)})`;
}

/** `GPU 0 (Tesla T4): python3 (pid 4711, alice) 13.4 GB; …` */
export function takenText(taken: readonly TakenGpu[]): string {
  const told = taken.slice(0, MOST_TOLD).map(({ gpu, why }) => `GPU ${describeGpu(gpu)}: ${why}`);
  const more = taken.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** The refusal of a run that finds no idle card. */
export const noneIdle = (taken: readonly TakenGpu[], waited = ''): Refusal =>
  cannotRun(
    `no GPU is idle${waited}: ${takenText(taken)}`,
    '--gpu-wait 2h waits for one; --gpus auto uses all of them anyway',
  );
