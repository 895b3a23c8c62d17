import { setTimeout as sleep } from 'node:timers/promises';
import type { DetectedGpus } from '../devices/detect.ts';
import { type ChosenGpus, noneIdle, type TakenGpu, takenText } from '../devices/idle.ts';
import { describeGpu, type SelectedGpus } from '../devices/select.ts';
import { Refusal } from '../model/refusal.ts';
import { durationText } from '../report/format.ts';

const LOOK_EVERY_MS = 10_000;

/** Cards as they were found, and those that the run takes. */
export interface FoundGpus {
  readonly detected: DetectedGpus;
  readonly selected: SelectedGpus;
}

/** Who waits for an idle GPU, and how long. */
export interface GpuWait {
  /** 0: not at all. */
  readonly waitMs: number;
  /** `--max-time`: what is left for the whole run; 0: no limit. */
  readonly maxTimeMs: number;
  /** Hears what is waited for. */
  readonly tell: (text: string) => void;
  /** `--max-time` is over: asks the run to stop, which aborts `signal`. */
  readonly outOfTime: () => void;
  readonly signal?: AbortSignal | undefined;
  /** 10 s where missing. */
  readonly everyMs?: number | undefined;
  readonly nowMs?: () => number;
  /** Rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** One look at the cards. */
type Look = () => Promise<{ readonly detected: DetectedGpus; readonly chosen: ChosenGpus }>;

/**
 * The GPUs of a run, as soon as one is idle where that is wanted and waited for. `waitedMs` is how long that took. Cards that
 * can't be listed for a while are waited for, unless that is so from the start.
 * @throws Refusal (3) where none is idle in time, and whatever the first look throws
 */
export async function waitForGpu(
  look: Look,
  wait: GpuWait,
): Promise<FoundGpus & { readonly waitedMs: number }> {
  const { waitMs, maxTimeMs, tell, nowMs = () => performance.now(), everyMs = LOOK_EVERY_MS } = wait;
  const beganMs = nowMs();
  const pause = wait.sleep ?? ((ms, signal) => sleep(ms, undefined, { signal }));
  let { detected, chosen } = await look();
  let told = '';
  while (chosen.by === 'none-idle') {
    const waitedMs = nowMs() - beganMs;
    if (waitedMs >= waitMs) throw noneIdle(chosen.taken, waitMs > 0 ? ` after ${inWords(waitedMs)}` : '');
    const who = whoOf(chosen.taken);
    if (who !== told) {
      const how = told === '' ? `Waiting up to ${inWords(waitMs)}` : 'Still waiting';
      tell(`${how} for an idle GPU. ${takenText(chosen.taken)}.`);
      told = who;
    }
    const leftMs = maxTimeMs > 0 ? maxTimeMs - waitedMs : Number.POSITIVE_INFINITY;
    if (leftMs <= 0) wait.outOfTime();
    await pause(Math.max(0, Math.min(everyMs, waitMs - waitedMs, leftMs)), wait.signal);
    const next = await look().catch((error: unknown) => {
      // A tool that failed once may answer again.
      if (error instanceof Refusal) return undefined;
      throw error;
    });
    if (next) ({ detected, chosen } = next);
  }
  const { by: _, ...selected } = chosen;
  // What a look takes is no wait.
  if (told === '') return { detected, selected, waitedMs: 0 };
  const waitedMs = nowMs() - beganMs;
  tell(`Idle after ${inWords(waitedMs)}: GPU ${selected.gpus.map(describeGpu).join(', ')}.`);
  return { detected, selected, waitedMs };
}

/** Who holds what, without sizes: these change all the time. */
const whoOf = (taken: readonly TakenGpu[]): string =>
  taken.map(({ gpu, why }) => `${gpu.index} ${why.replace(/[\d.]+ [kMGT]?B/g, '')}`).join('; ');

const inWords = (ms: number): string => durationText(Math.round(ms / 1000));
