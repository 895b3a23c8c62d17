import { setTimeout as delay } from 'node:timers/promises';
import { runTool } from '../devices/run-tool.ts';
import { type CardNow, readGpus } from '../devices/sample.ts';
import type { Emit } from '../model/events.ts';
import type { CardMemory } from '../schedule/cards.ts';
import type { ResolvedRun } from './resolve-run.ts';

const SAMPLE_EVERY_MS = 10_000;
/** A tool that is slow or fails for a moment is asked again; after so many answers in a row without a figure it has none. */
const MOST_SILENT = 3;

/** Who tells how busy the cards of a run are. */
export interface CardSampling {
  /** Those that something tells of; undefined where nothing will tell any more. Never rejects. */
  readonly sample: (signal: AbortSignal) => Promise<readonly CardNow[] | undefined>;
  /** Hears how much of a GPU's memory is in use, and says what the run has of it. */
  readonly sampleMemory?: (gpu: number, usedBytes: number) => CardMemory | undefined;
}

/** The cards of this machine, as the tool tells that listed them; undefined after three answers in a row that told nothing. */
export function sampleHere(
  { gpus, gpuTool: tool }: Pick<ResolvedRun, 'gpus' | 'gpuTool'>,
  env: NodeJS.ProcessEnv,
  run = runTool,
): CardSampling['sample'] {
  let silent = 0;
  return async (signal) => {
    if (tool === undefined) return undefined;
    const now = await readGpus({ gpus, tool, run, env, signal });
    silent = now.some(({ memory }) => memory) ? 0 : silent + 1;
    return silent < MOST_SILENT ? now : undefined;
  };
}

/**
 * Tells from time to time how busy the cards are, until the signal is aborted or nothing tells any more; models load first. Never
 * rejects, and keeps no process alive while it waits.
 */
export async function sampleWhile(
  signal: AbortSignal,
  { sample, sampleMemory }: CardSampling,
  { everyMs = SAMPLE_EVERY_MS, emit }: { readonly everyMs?: number | undefined; readonly emit: Emit },
): Promise<void> {
  for (;;) {
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
    const now = signal.aborted ? undefined : await sample(signal);
    if (now === undefined || signal.aborted) return;
    for (const { index: gpu, utilisation, memory } of now) {
      if (memory === undefined) continue;
      const ofRun = sampleMemory?.(gpu, memory.used);
      if (utilisation === undefined) continue;
      emit({
        ...{ type: 'gpu-sampled', gpu, utilisation, memoryUsedBytes: memory.used },
        ...(ofRun && { heldBytes: ofRun.held, reservedBytes: ofRun.reserved }),
      });
    }
  }
}
