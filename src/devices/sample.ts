import { setTimeout as sleep } from 'node:timers/promises';
import type { Emit } from '../model/events.ts';
import type { Gpu } from '../model/slot.ts';
import { AMD_SMI_ARGS, parseAmdSmi, parseRocmSmi, ROCM_SMI_ARGS } from './amd.ts';
import { callGpuTool, type GpuTool } from './gpu-tools.ts';
import { nvidiaQueryArgs, parseNvidiaQuery } from './nvidia.ts';
import type { RunTool } from './run-tool.ts';

/** What is sampled, how often, and where it is told. */
interface SampleOptions {
  /** The chosen GPUs. MIG devices have no figures of their own and are left out. */
  readonly gpus: readonly Gpu[];
  /** The tool that listed them. */
  readonly tool: GpuTool;
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  readonly everyMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Emits `gpu-sampled` for each GPU every `everyMs`, first at once, until the signal is aborted or the tool fails. Never rejects,
 * and keeps no process alive while it waits.
 */
export async function sampleGpus({
  gpus,
  tool,
  run,
  env,
  everyMs,
  emit,
  signal,
}: SampleOptions): Promise<void> {
  while (!signal.aborted) {
    const seen = await readGpus({ gpus, tool, run, env, signal });
    if (signal.aborted) return;
    let told = 0;
    for (const { index, utilisation, memory } of seen) {
      if (utilisation === undefined || memory === undefined) continue;
      emit({ type: 'gpu-sampled', gpu: index, utilisation, memoryUsedBytes: memory.used });
      told += 1;
    }
    if (told === 0) return;
    await sleep(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** What a card is at now; memory in bytes. Undefined is what the tool does not tell. */
export interface CardNow {
  readonly index: number;
  readonly utilisation: number | undefined;
  readonly memory: { readonly total: number; readonly used: number } | undefined;
}

/** Asks the tool once, for 10 s at most; cards that it does not list are missing, all of them where it fails. Never rejects. */
export async function readGpus({
  gpus,
  tool,
  run,
  env,
  signal,
}: Omit<SampleOptions, 'everyMs' | 'emit'>): Promise<readonly CardNow[]> {
  const end = await callGpuTool(tool, sampleArgs(tool), { run, env, signal }).catch(() => undefined);
  // One that complains of a lost card still tells of the others.
  if (end?.by !== 'exit') return [];
  const seen = parseSample(tool, end.stdout);
  return gpus.flatMap(({ index, uuid }) => {
    const now = seen.find((gpu) => gpu.index === index && (!uuid || !gpu.uuid || gpu.uuid === uuid));
    if (!now) return [];
    const { utilisation, memoryTotalBytes: total, memoryFreeBytes: free } = now;
    const memory = total === undefined || free === undefined ? undefined : { total, used: total - free };
    return [{ index, utilisation, memory }];
  });
}

function sampleArgs(tool: GpuTool): readonly string[] {
  switch (tool) {
    case 'nvidia-smi':
      return nvidiaQueryArgs({ mig: false });
    case 'amd-smi':
      return AMD_SMI_ARGS.metric;
    case 'rocm-smi':
      return ROCM_SMI_ARGS;
  }
}

function parseSample(tool: GpuTool, text: string): readonly Gpu[] {
  switch (tool) {
    case 'nvidia-smi':
      return parseNvidiaQuery(text, { mig: false }).cards.map((card) => card.gpu);
    case 'amd-smi':
      // Its metrics number the cards as its list does.
      return parseAmdSmi({ list: text, metric: text }) ?? [];
    case 'rocm-smi':
      return parseRocmSmi(text) ?? [];
  }
}
