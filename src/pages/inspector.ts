import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { InspectHow, Inspection, InspectJob } from './inspect.ts';

export type { InspectHow, Inspection, InspectJob } from './inspect.ts';

/** What a thread is asked. */
export interface InspectRequest {
  readonly jobs: readonly InspectJob[];
  readonly how: InspectHow;
}

/** What a thread answers; an error's fields one by one, because a copied error loses its code. */
export type InspectAnswer =
  | { readonly found: readonly Inspection[] }
  | {
      readonly error: {
        readonly message: string;
        readonly code: string | undefined;
        readonly path: string | undefined;
        readonly stack: string | undefined;
      };
    };

interface Task extends InspectRequest {
  readonly resolve: (found: readonly Inspection[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  task: Task | undefined;
  /** When it got its task; undefined for the first, whose time is that of the thread's start. */
  sinceMs: number | undefined;
}

const JOBS_AT_ONCE = 64;
/** Chunks that one thread may have waiting before a second one is worth its start. */
const CHUNKS_PER_THREAD = 4;
/** As many keep up with a local disk; each costs 10 MB. */
const THREADS_AT_FIRST = 2;
/** More than that where a disk answers late: its latencies overlap. */
const MAX_THREADS = 4;
/** A local disk needs 2 ms for a chunk. */
const SLOW_CHUNK_MS = 40;
/** A thread holds one chunk: V8's own limits would let it grow by tens of megabytes before it collects. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };
const BUILT_THREAD = new URL('./inspect-thread.js', import.meta.url);

/**
 * Looks at pages on threads, so that neither a slow disk nor 100,000 files hold up the launcher. Where the program runs from
 * its sources and there is no built thread, it looks itself. Threads start when needed and keep no process alive.
 */
export class Inspector {
  readonly #threadFile: URL | undefined;
  readonly #threads: Thread[] = [];
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(threadFile = BUILT_THREAD) {
    this.#threadFile = existsSync(threadFile) ? threadFile : undefined;
  }

  /** Starts a thread ahead of the first page, while there is other work to wait for. */
  warmUp(): void {
    if (this.#threadFile && this.#threads.length === 0) this.#startThread(this.#threadFile);
  }

  /**
   * What each page is, in the order of the jobs. Rejects where a page can't be put at its `link` because of the disk, with the
   * error's `code` and `path`; never because of a page.
   */
  async inspect(jobs: readonly InspectJob[], how: InspectHow): Promise<Inspection[]> {
    if (this.#closed) throw new Error('the inspector is closed');
    const chunks: Promise<readonly Inspection[]>[] = [];
    for (let at = 0; at < jobs.length; at += JOBS_AT_ONCE) {
      chunks.push(this.#inspectChunk(jobs.slice(at, at + JOBS_AT_ONCE), how));
    }
    return (await Promise.all(chunks)).flat();
  }

  /** Ends the threads; what they were looking at is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  async #inspectChunk(jobs: readonly InspectJob[], how: InspectHow): Promise<readonly Inspection[]> {
    const threadFile = this.#threadFile;
    if (threadFile === undefined) {
      const { inspectPage } = await import('./inspect.ts');
      return jobs.map((job) => inspectPage(job, how));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ jobs, how, resolve, reject });
      const threads = this.#threads.length;
      if (this.#waiting.length > threads * CHUNKS_PER_THREAD && threads < THREADS_AT_FIRST) {
        this.#startThread(threadFile);
      }
      for (const thread of this.#threads) this.#giveWork(thread);
    });
  }

  #startThread(threadFile: URL): Thread {
    const worker = new Worker(threadFile, { execArgv: [], resourceLimits: THREAD_LIMITS });
    const thread: Thread = { worker, task: undefined, sinceMs: undefined };
    this.#threads.push(thread);
    thread.worker.unref();
    thread.worker.on('message', (answer: InspectAnswer) => {
      const task = thread.task;
      thread.task = undefined;
      thread.worker.unref();
      const isSlow = thread.sinceMs !== undefined && performance.now() - thread.sinceMs > SLOW_CHUNK_MS;
      thread.sinceMs = performance.now();
      if (isSlow && this.#waiting.length > 0 && this.#threads.length < MAX_THREADS) {
        this.#giveWork(this.#startThread(threadFile));
      }
      this.#giveWork(thread);
      if ('found' in answer) task?.resolve(answer.found);
      else task?.reject(Object.assign(new Error(answer.error.message), answer.error));
    });
    thread.worker.on('error', (error) => this.#lose(thread, error));
    thread.worker.on('exit', () => this.#lose(thread, new Error('the thread that looks at pages ended')));
    return thread;
  }

  #giveWork(thread: Thread): void {
    if (thread.task !== undefined) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    thread.task = task;
    if (thread.sinceMs !== undefined) thread.sinceMs = performance.now();
    // While it works somebody waits for it: the process has to stay.
    thread.worker.ref();
    thread.worker.postMessage({ jobs: task.jobs, how: task.how } satisfies InspectRequest);
  }

  /** A thread is gone: its pages have no answer, and without another thread those that wait have none either. */
  #lose(thread: Thread, error: unknown): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    thread.task?.reject(error);
    thread.task = undefined;
    if (this.#threads.length === 0) for (const task of this.#waiting.splice(0)) task.reject(error);
  }
}
