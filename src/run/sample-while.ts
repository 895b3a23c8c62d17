import { setTimeout as delay } from 'node:timers/promises';
import { runTool } from '../devices/run-tool.ts';
import { type CardNow, readGpus } from '../devices/sample.ts';
import type { Emit } from '../model/events.ts';
import type { CardMemory } from '../schedule/cards.ts';
import type { ResolvedRun } from './resolve-run.ts';

const SAMPLE_EVERY_MS = 10_000;

/** Who tells how busy the cards of a run are. */
export interface CardSampling {
  /** Those that something tells of; undefined where nothing will tell any more. Never rejects. */
  readonly sample: (signal: AbortSignal) => Promise<readonly CardNow[] | undefined>;
  /** Hears how much of a GPU's memory is in use, and says what the run has of it. */
  readonly sampleMemory?: (gpu: number, usedBytes: number) => CardMemory | undefined;
}

/** The cards of this machine, as the tool tells that listed them. */
export function sampleHere(
  { gpus, gpuTool: tool }: Pick<ResolvedRun, 'gpus' | 'gpuTool'>,
  env: NodeJS.ProcessEnv,
): CardSampling['sample'] {
  return async (signal) => {
    if (tool === undefined) return undefined;
    const now = await readGpus({ gpus, tool, run: runTool, env, signal });
    return now.some(({ memory }) => memory) ? now : undefined;
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
      if (utilisation === undefined || memory === undefined) continue;
      const ofRun = sampleMemory?.(gpu, memory.used);
      emit({
        ...{ type: 'gpu-sampled', gpu, utilisation, memoryUsedBytes: memory.used },
        ...(ofRun && { heldBytes: ofRun.held, reservedBytes: ofRun.reserved }),
      });
    }
  }
}
