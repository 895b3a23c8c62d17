const MIB = 1024 * 1024;
/** More than one machine has; what is behind them is left out. */
const MOST_APPS = 1000;
const LONGEST_LINE = 1000;
const LONGEST_NAME = 100;

/** Arguments that make nvidia-smi list the processes that compute on its cards. */
export const COMPUTE_APPS_ARGS: readonly string[] = [
  '--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name',
  '--format=csv,noheader,nounits',
];

/** A process that holds memory of a card. What the tool doesn't know or hides is missing. */
export interface ComputeApp {
  readonly gpuUuid: string;
  /** In the tool's own numbers: in a container they may be another one's. */
  readonly pid?: number;
  /** File name of its program. */
  readonly name?: string;
  readonly memoryBytes?: number;
}

/** Reads the answer to `COMPUTE_APPS_ARGS`, and the lines that are none. Never throws. */
export function parseComputeApps(text: string): {
  readonly apps: readonly ComputeApp[];
  readonly otherLines: readonly string[];
} {
  const apps: ComputeApp[] = [];
  const otherLines: string[] = [];
  for (const whole of text.split(/\r?\n/, MOST_APPS)) {
    const line = whole.slice(0, LONGEST_LINE).trim();
    if (line === '' || line.startsWith('gpu_uuid, ')) continue;
    const app = parseApp(line);
    if (app) apps.push(app);
    // An old driver says so where there are none.
    else if (!/^no running processes found/i.test(line)) otherLines.push(line);
  }
  return { apps, otherLines };
}

function parseApp(line: string): ComputeApp | undefined {
  const [gpuUuid, pid, memory, ...rest] = line.split(',').map((cell) => cell.trim());
  if (gpuUuid === undefined || !/^(?:GPU|MIG)-/.test(gpuUuid) || memory === undefined) return undefined;
  const program = rest.join(', ');
  // [N/A] has a slash, too.
  const isTold = program !== '' && !/^\[.*\]$/.test(program);
  const name = isTold ? program.split(/[\\/]/).at(-1)?.slice(0, LONGEST_NAME) : undefined;
  return {
    gpuUuid,
    ...(pid !== undefined && /^[1-9]\d{0,9}$/.test(pid) && { pid: Number(pid) }),
    ...(name !== undefined && name !== '' && { name }),
    ...(/^\d{1,9}( MiB)?$/.test(memory) && { memoryBytes: Number.parseInt(memory, 10) * MIB }),
  };
}
