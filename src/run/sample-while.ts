import { runTool } from '../devices/run-tool.ts';
import { sampleGpus } from '../devices/sample.ts';
import type { Emit } from '../model/events.ts';
import type { CardMemory } from '../schedule/cards.ts';
import type { ResolvedRun } from './resolve-run.ts';
import type { RunDeps } from './run-deps.ts';

const SAMPLE_EVERY_MS = 10_000;

/** Tells from time to time how busy the cards are, until the signal is aborted; models load first. */
export function sampleWhile(
  signal: AbortSignal,
  {
    resolved: { gpus, gpuTool: tool },
    deps,
    emit,
    memoryOf,
  }: {
    readonly resolved: ResolvedRun;
    readonly deps: RunDeps;
    readonly emit: Emit;
    /** What is known of the run's share of a GPU's memory, of which so much is in use. */
    readonly memoryOf: (gpu: number, usedBytes: number) => CardMemory | undefined;
  },
): void {
  if (tool === undefined) return;
  const everyMs = deps.heartbeatMs ?? SAMPLE_EVERY_MS;
  const withMemory: Emit = (happening) => {
    if (happening.type !== 'gpu-sampled') return emit(happening);
    const memory = memoryOf(happening.gpu, happening.memoryUsedBytes);
    emit({ ...happening, ...(memory && { heldBytes: memory.held, reservedBytes: memory.reserved }) });
  };
  const sample = { gpus, tool, run: runTool, env: deps.env, everyMs, emit: withMemory, signal };
  const timer = setTimeout(() => void sampleGpus(sample), everyMs).unref();
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
