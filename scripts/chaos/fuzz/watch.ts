import { Worker } from 'node:worker_threads';

/** An input that is looked at for so long is not coming back. */
const HANGS_AFTER_MS = 60_000;

/** Runs in a thread of its own: the one that reads inputs may never come to its next line. */
const LOOK = `
  const { workerData: { at, names, seed, ms }, parentPort } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  let last = [-1, -1];
  setInterval(() => {
    const now = [Atomics.load(at, 0), Atomics.load(at, 1)];
    if (now[0] === last[0] && now[1] === last[1]) {
      writeSync(2, names[now[0]] + ' does not come back: --seed ' + seed + ' --only ' + names[now[0]] + ':' + now[1] + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    last = now;
  }, ms);
`;

/** Ends the process, with the input's name on stderr, where an input takes for ever. */
export class Watch {
  readonly #at = new Int32Array(new SharedArrayBuffer(8)).fill(-1);
  readonly #worker: Worker;

  constructor({ seed, names }: { readonly seed: number; readonly names: readonly string[] }) {
    this.#worker = new Worker(LOOK, {
      eval: true,
      workerData: { at: this.#at, names, seed, ms: HANGS_AFTER_MS },
    });
    this.#worker.unref();
  }

  /** This input of this target comes next. */
  at(target: number, index: number): void {
    Atomics.store(this.#at, 0, target);
    Atomics.store(this.#at, 1, index);
  }

  end(): void {
    void this.#worker.terminate();
  }
}
