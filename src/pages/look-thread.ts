import { Worker } from 'node:worker_threads';
import { errorMessage } from '../model/error-code.ts';
import type { InspectAnswer, InspectRequest } from './inspect-request.ts';
import type { LifeSigns } from './sign-of-life.ts';

/** Looks at the clock in the time that one page may take: a launcher that was stopped meanwhile counts one of them. */
const TICKS = 4;
/** A thread holds one chunk: V8's own limits would let it grow by tens of megabytes before it collects. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/** A thread that answers no more. */
export interface Loss {
  /** Which job of its message it was at, counted over all requests; undefined where it had started with none. */
  readonly at: number | undefined;
  /** Why that job has no answer. */
  readonly words: string;
  /** What it ended with; missing where it hangs. */
  readonly error?: unknown;
}

/** What a thread tells: once for each message it answers it, or is lost. */
interface Hearers {
  readonly answered: (answers: readonly InspectAnswer[]) => void;
  readonly lost: (loss: Loss) => void;
  /** It has ended, lost before or not. */
  readonly exited: () => void;
}

/** One thread that looks at pages, and who notices that it hangs or has ended. It keeps the process only while it has a request. */
export class LookThread {
  readonly #worker: Worker;
  readonly #limitMs: number;
  readonly #hearers: Hearers;
  readonly #signs = new Int32Array(new SharedArrayBuffer(8));
  /** One for all requests: pages may come by the thousand a second. */
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #seen = '';
  #isAtWork = false;
  #isLost = false;

  /** @param limitMs how long one page may take */
  constructor(file: URL, { limitMs, ...hearers }: Hearers & { readonly limitMs: number }) {
    this.#limitMs = limitMs;
    this.#hearers = hearers;
    const workerData: LifeSigns = { signs: this.#signs };
    this.#worker = new Worker(file, { execArgv: [], resourceLimits: THREAD_LIMITS, workerData });
    this.#worker.unref();
    this.#worker.on('message', (answers: readonly InspectAnswer[]) => {
      if (this.#isLost) return;
      this.#rest();
      hearers.answered(answers);
    });
    this.#worker.on('error', (error) => this.#lose(`checking it failed: ${errorMessage(error)}`, { error }));
    this.#worker.on('exit', () => {
      this.#lose('checking it ended without a result', {
        error: new Error('the thread that checks pages ended'),
      });
      hearers.exited();
    });
  }

  /** Hands over requests in one message; the next one once this is answered. */
  ask(requests: readonly InspectRequest[]): void {
    this.#signs.fill(0);
    this.#seen = '';
    this.#isAtWork = true;
    this.#timer ??= setInterval(() => this.#tick(), this.#limitMs / TICKS).unref();
    // While it works somebody waits for it: the process has to stay.
    this.#worker.ref();
    this.#worker.postMessage(requests);
  }

  /** Ends it; settles once it has ended, which one that hangs never does. */
  async end(): Promise<void> {
    const ended = this.#worker.terminate();
    this.#worker.unref();
    await ended;
  }

  #rest(): void {
    this.#isAtWork = false;
    this.#worker.unref();
  }

  #tick(): void {
    if (!this.#isAtWork) return;
    const now = this.#signs.join();
    this.#ticks = now === this.#seen ? this.#ticks + 1 : 0;
    this.#seen = now;
    if (this.#ticks < TICKS) return;
    this.#lose(`the disk did not respond for ${Math.round(this.#limitMs / 1000)} s`, {});
    // It ends as soon as the disk answers.
    void this.end();
  }

  #lose(words: string, { error }: Pick<Loss, 'error'>): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearInterval(this.#timer);
    this.#rest();
    const started = Atomics.load(this.#signs, 0);
    const at = started === 0 ? undefined : started - 1;
    this.#hearers.lost({ at, words, ...(error !== undefined && { error }) });
  }
}
