import { readFile } from 'node:fs/promises';

const PEAK = /^VmHWM:\s+(\d{1,15}) kB$/m;
/** A worker is a process, or a few behind a script. */
const MOST_PROCESSES = 32;
/** More than a worker's peak has to be free: others use memory, too. */
const RESERVE = 1.1;

/** How much main memory the workers of a run need, as far as their processes have shown. */
export class WorkerMemory {
  readonly #availableBytes: () => number | undefined;
  #peakBytes: number | undefined;

  constructor(availableBytes: () => number | undefined) {
    this.#availableBytes = availableBytes;
  }

  /** A worker has loaded its models; settles when what it took is known. */
  async loaded(pid: number): Promise<void> {
    this.note(await peakBytes(pid));
  }

  /** A worker has had so much. */
  note(bytes: number | undefined): void {
    if (bytes !== undefined && bytes > (this.#peakBytes ?? 0)) this.#peakBytes = bytes;
  }

  /** True where there is no room for so many workers that load at the same time. False as long as none has loaded. */
  isShortFor(loads: number): boolean {
    if (this.#peakBytes === undefined) return false;
    const available = this.#availableBytes();
    return available !== undefined && available < this.#peakBytes * RESERVE * loads;
  }
}

/** The most main memory that a process and those that it started have had so far; undefined where the system doesn't tell. */
export async function peakBytes(pid: number): Promise<number | undefined> {
  let sum: number | undefined;
  const pids = [pid];
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at += 1) {
    const [status, children] = await Promise.all(
      [`/proc/${pids[at]}/status`, `/proc/${pids[at]}/task/${pids[at]}/children`].map((file) =>
        readFile(file, 'utf8').catch(() => ''),
      ),
    );
    const kib = PEAK.exec(status ?? '')?.[1];
    if (kib !== undefined) sum = (sum ?? 0) + Number(kib) * 1024;
    pids.push(...(children ?? '').split(/\s+/).filter(Boolean).map(Number));
  }
  return sum;
}
