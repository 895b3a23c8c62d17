import { readFileSync } from 'node:fs';

interface Sample {
  readonly atMs: number;
  readonly delayMs: number;
}

/**
 * How long processes were ready to run and had to wait for a processor (Linux tells; elsewhere it is no time): what others
 * on the machine took from a launcher is not the program's.
 */
export class RunDelay {
  readonly #samples = new Map<number, Sample[]>();

  /** To be called again and again while the processes live. */
  sample(pids: readonly number[]): void {
    for (const pid of pids) {
      const delayMs = delayOf(pid);
      if (delayMs === undefined) continue;
      const samples = this.#samples.get(pid) ?? [];
      samples.push({ atMs: Date.now(), delayMs });
      this.#samples.set(pid, samples);
    }
  }

  /** From a moment on, in milliseconds, of all together: at the end of a run one waits for the other. */
  since(ms: number): number {
    let sum = 0;
    for (const samples of this.#samples.values()) {
      // One that started since has waited for nothing before.
      const before = samples.findLast(({ atMs }) => atMs <= ms)?.delayMs ?? 0;
      sum += (samples.at(-1)?.delayMs ?? 0) - before;
    }
    return sum;
  }
}

function delayOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return undefined;
  }
}
