import prettyBytes from 'pretty-bytes';
import type { Gpu } from '../model/slot.ts';
import { COMPUTE_APPS_ARGS, type ComputeApp, parseComputeApps } from './compute-apps.ts';
import type { DetectedGpus } from './detect.ts';
import { callGpuTool, TOOL_LIMIT_MS } from './gpu-tools.ts';
import { processOwner } from './process-owner.ts';
import { exitInWords, type RunTool } from './run-tool.ts';

const MIB = 1024 * 1024;
/** A driver keeps up to this much of a card for itself, or this share of a large one. */
const DRIVER_BYTES = 1024 * MIB;
const DRIVER_SHARE = 0.03;
const LONGEST_TROUBLE = 320;

/** A process that holds memory of a card. */
export interface Holder extends Omit<ComputeApp, 'gpuUuid'> {
  readonly user?: string;
}

/** Who uses a card. */
export interface CardUse {
  readonly holders: readonly Holder[];
  /** Memory in use that no listed process has: those of other containers are listed nowhere. */
  readonly hiddenBytes?: number;
  /** Nobody lists the processes of a MIG device. */
  readonly isUnknown?: true;
}

/** What a machine's cards are used for, by their numbers. */
interface CardUses {
  readonly uses: ReadonlyMap<number, CardUse>;
  /** Why no process could be listed. */
  readonly trouble?: string;
}

/** How the processes are asked for. */
interface UseOptions {
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  /** Takes secrets out of what a tool complains of. */
  readonly redact?: (text: string) => string;
  readonly ownerOf?: (pid: number, program: string) => Promise<string | undefined>;
}

/**
 * Who holds memory of which card: by process where nvidia-smi lists the cards, else by what is in use of it. A tool's failure is
 * a trouble, never an exception.
 */
export async function cardUses(
  { gpus, tool }: Pick<DetectedGpus, 'gpus' | 'tool'>,
  options: UseOptions,
): Promise<CardUses> {
  const { apps, trouble } = tool === 'nvidia-smi' ? await listedApps(options) : { apps: [] };
  const { ownerOf = processOwner, redact = (text: string) => text } = options;
  const uses = new Map<number, CardUse>();
  for (const gpu of gpus) {
    const own = apps.filter(({ gpuUuid }) => gpuUuid === gpu.uuid);
    const holders = await Promise.all(
      own.map(async ({ gpuUuid: _, ...app }): Promise<Holder> => {
        const { pid, name } = app;
        const user = pid !== undefined && name !== undefined ? await ownerOf(pid, name) : undefined;
        return { ...app, ...(user !== undefined && { user }) };
      }),
    );
    uses.set(gpu.index, useOf(gpu, holders));
  }
  return { uses, ...(trouble !== undefined && { trouble: redact(trouble).slice(0, LONGEST_TROUBLE) }) };
}

/** What a card is used for, where these hold memory of it. */
export function useOf(gpu: Gpu, holders: readonly Holder[]): CardUse {
  if (gpu.uuid?.startsWith('MIG-')) return { holders, isUnknown: true };
  const { memoryTotalBytes: total, memoryFreeBytes: free } = gpu;
  const told = holders.map(({ memoryBytes }) => memoryBytes);
  if (total === undefined || free === undefined || told.includes(undefined)) return { holders };
  const hidden = total - free - told.reduce<number>((sum, bytes = 0) => sum + bytes, 0);
  return hidden > Math.max(DRIVER_BYTES, total * DRIVER_SHARE)
    ? { holders, hiddenBytes: hidden }
    : { holders };
}

/** `python3 (pid 4711, alice) 13.4 GB` for each process, and what others hold. */
export function holderTexts({ holders, hiddenBytes, isUnknown }: CardUse): string[] {
  const texts = holders.map(({ name = 'a process', pid, user, memoryBytes }) => {
    const who = [pid === undefined ? undefined : `pid ${pid}`, user].filter((word) => word !== undefined);
    const size = memoryBytes === undefined ? '' : ` ${prettyBytes(memoryBytes)}`;
    return `${name}${who.length > 0 ? ` (${who.join(', ')})` : ''}${size}`;
  });
  if (hiddenBytes !== undefined) texts.push(`processes that are not listed here ${prettyBytes(hiddenBytes)}`);
  if (isUnknown) texts.push('its processes are not known');
  return texts;
}

async function listedApps({
  run,
  env,
}: UseOptions): Promise<{ readonly apps: readonly ComputeApp[]; readonly trouble?: string }> {
  const end = await callGpuTool('nvidia-smi', COMPUTE_APPS_ARGS, { run, env });
  const what = "nvidia-smi can't list processes";
  if (end.by === 'missing') return { apps: [], trouble: `${what}: not installed` };
  if (end.by === 'timeout') return { apps: [], trouble: `${what}: no answer in ${TOOL_LIMIT_MS / 1000} s` };
  const { apps, otherLines } = parseComputeApps(end.stdout);
  if (end.code === 0 && otherLines.length === 0) return { apps };
  const [said] = [...otherLines, ...end.stderr.split(/\r?\n/)].filter((line) => line.trim() !== '');
  return { apps, trouble: `${what}: ${said ?? exitInWords(end.code)}` };
}
