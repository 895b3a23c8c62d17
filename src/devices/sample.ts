import type { Gpu } from '../model/slot.ts';
import { AMD_SMI_ARGS, parseAmdSmi, parseRocmSmi, ROCM_SMI_ARGS } from './amd.ts';
import { callGpuTool, type GpuTool } from './gpu-tools.ts';
import { nvidiaQueryArgs, parseNvidiaQuery } from './nvidia.ts';
import type { RunTool } from './run-tool.ts';

/** What is sampled, and by what. */
interface SampleOptions {
  /** The chosen GPUs. MIG devices have no figures of their own and are left out. */
  readonly gpus: readonly Gpu[];
  /** The tool that listed them. */
  readonly tool: GpuTool;
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What a card is at now; memory in bytes. Undefined is what the tool does not tell. */
export interface CardNow {
  readonly index: number;
  readonly utilisation: number | undefined;
  readonly memory: { readonly total: number; readonly used: number } | undefined;
}

/** Asks the tool once, for 10 s at most; cards that it does not list are missing, all of them where it fails. Never rejects. */
export async function readGpus({ gpus, tool, run, env, signal }: SampleOptions): Promise<readonly CardNow[]> {
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
