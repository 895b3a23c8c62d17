import type { Gpu, UnusableCard } from '../model/slot.ts';
import { AMD_SMI_ARGS, parseAmdSmi, parseRocmSmi, ROCM_SMI_ARGS } from './amd.ts';
import {
  isUnknownField,
  NVIDIA_LIST_ARGS,
  nvidiaGpus,
  nvidiaQueryArgs,
  parseMigDevices,
  parseNvidiaQuery,
} from './nvidia.ts';
import type { RunTool, ToolEnd } from './run-tool.ts';

const LIMIT_MS = 10_000;
const LONGEST_TROUBLE = 320;

export type GpuTool = 'nvidia-smi' | 'amd-smi' | 'rocm-smi';

/** What the machine's tools say of its GPUs. */
export interface DetectedGpus {
  /** Devices that a worker can be given. */
  readonly gpus: readonly Gpu[];
  /** Cards that are listed and can't be given to a worker. */
  readonly unusable: readonly UnusableCard[];
  /** The tool that listed them; missing where none did. */
  readonly tool?: GpuTool;
  /** What went wrong, tool by tool: `nvidia-smi: not installed`. */
  readonly troubles: readonly string[];
}

/** Where the tools are found and how they are called. */
interface DetectOptions {
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  /** Takes secrets out of what a tool complains of. */
  readonly redact?: (text: string) => string;
}

interface Answer {
  readonly gpus: readonly Gpu[];
  readonly unusable: readonly UnusableCard[];
  readonly troubles: readonly string[];
}

/** Asks nvidia-smi, else amd-smi, else rocm-smi, each for 10 s at most. A tool's failure is a trouble, never an exception. */
export async function detectGpus({
  run,
  env,
  redact = (text) => text,
}: DetectOptions): Promise<DetectedGpus> {
  const call = (command: GpuTool) => (args: readonly string[]) =>
    run({ command, args, env, timeoutMs: LIMIT_MS });
  const troubles: string[] = [];
  const askers: readonly [GpuTool, (call: Call) => Promise<Answer>][] = [
    ['nvidia-smi', askNvidiaSmi],
    ['amd-smi', askAmdSmi],
    ['rocm-smi', askRocmSmi],
  ];
  for (const [tool, ask] of askers) {
    const answer = await ask(call(tool));
    const said = answer.troubles.map((trouble) => redact(trouble).slice(0, LONGEST_TROUBLE));
    troubles.push(...said.map((trouble) => `${tool}: ${trouble}`));
    if (answer.gpus.length > 0 || answer.unusable.length > 0) {
      return { gpus: answer.gpus, unusable: answer.unusable, tool, troubles };
    }
  }
  return { gpus: [], unusable: [], troubles };
}

type Call = (args: readonly string[]) => Promise<ToolEnd>;

async function askNvidiaSmi(call: Call): Promise<Answer> {
  let mig = true;
  let end = await call(nvidiaQueryArgs({ mig }));
  if (end.by === 'exit' && isUnknownField(end.stdout + end.stderr)) {
    mig = false;
    end = await call(nvidiaQueryArgs({ mig }));
  }
  if (end.by !== 'exit') return nothing(troubleOf(end));
  const { cards, otherLines } = parseNvidiaQuery(end.stdout, { mig });
  if (cards.length === 0) return nothing(troubleOf(end));
  const troubles = [...otherLines];
  let migText = '';
  if (cards.some((card) => card.migMode)) {
    const list = await call(NVIDIA_LIST_ARGS);
    if (list.by === 'exit') migText = list.stdout;
    else troubles.push(`-L ${troubleOf(list)}`);
  }
  return { ...nvidiaGpus(cards, parseMigDevices(migText)), troubles };
}

async function askAmdSmi(call: Call): Promise<Answer> {
  const list = await call(AMD_SMI_ARGS.list);
  if (list.by !== 'exit') return nothing(troubleOf(list));
  if (!parseAmdSmi({ list: list.stdout })?.length) return nothing(troubleOf(list));
  const [fixed, metric] = await Promise.all([call(AMD_SMI_ARGS.static), call(AMD_SMI_ARGS.metric)]);
  const gpus = parseAmdSmi({
    list: list.stdout,
    ...(fixed.by === 'exit' && { static: fixed.stdout }),
    ...(metric.by === 'exit' && { metric: metric.stdout }),
  });
  const troubles = [fixed, metric].flatMap((end) => (end.by === 'exit' ? [] : [troubleOf(end)]));
  return { gpus: gpus ?? [], unusable: [], troubles: [...new Set(troubles)] };
}

async function askRocmSmi(call: Call): Promise<Answer> {
  const end = await call(ROCM_SMI_ARGS);
  const gpus = end.by === 'exit' ? parseRocmSmi(end.stdout) : undefined;
  return gpus?.length ? { gpus, unusable: [], troubles: [] } : nothing(troubleOf(end));
}

const nothing = (trouble: string): Answer => ({ gpus: [], unusable: [], troubles: [trouble] });

function troubleOf(end: ToolEnd): string {
  switch (end.by) {
    case 'missing':
      return 'not installed';
    case 'timeout':
      return `gave no answer in ${LIMIT_MS / 1000} s`;
    case 'exit': {
      const last = lastLine(end.stderr) ?? lastLine(end.stdout);
      if (end.code === 0) return last === undefined ? 'lists no GPU' : `lists no GPU: ${last}`;
      return last === undefined ? `failed: exit code ${end.code ?? 'none'}` : `failed: ${last}`;
    }
  }
}

function lastLine(text: string): string | undefined {
  const line = text
    .split(/\r?\n/)
    .map((each) => each.trim())
    .findLast((each) => each !== '');
  return line === undefined || line === '[]' || line === '{}' ? undefined : line;
}
