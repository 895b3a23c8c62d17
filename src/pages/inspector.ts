import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { CheckJob, ResultCheck } from './check-result.ts';
import type { CheckRequest, InspectAnswer, InspectRequest, ProbeRequest } from './inspect-request.ts';
import type { ProbeHow, ProbeJob, SourceProbe } from './probe-source.ts';

export type { CheckedSource, ResultCheck } from './check-result.ts';
export type { ProbeJob, SourceProbe } from './probe-source.ts';

/** A request, and who waits for its answer. */
interface ProbeTask extends ProbeRequest, Waiting<SourceProbe> {}
interface CheckTask extends CheckRequest, Waiting<ResultCheck> {}
type Task = ProbeTask | CheckTask;

interface Waiting<T> {
  readonly resolve: (found: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it was given in one message, in order. */
  tasks: readonly Task[];
  /** When it got its tasks; undefined for the first, whose time is that of the thread's start. */
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
  #turn: NodeJS.Immediate | undefined;
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
  async probe(jobs: readonly ProbeJob[], how: ProbeHow): Promise<SourceProbe[]> {
    if (this.#closed) throw new Error('the inspector is closed');
    const chunks: Promise<readonly SourceProbe[]>[] = [];
    for (let at = 0; at < jobs.length; at += JOBS_AT_ONCE) {
      chunks.push(this.#probe({ ask: 'probe', jobs: jobs.slice(at, at + JOBS_AT_ONCE), how }));
    }
    return (await Promise.all(chunks)).flat();
  }

  /** What a page's source is now, and whether its output is whole. Never rejects because of either. */
  async check(job: CheckJob): Promise<ResultCheck> {
    if (this.#closed) throw new Error('the inspector is closed');
    const [found] = await this.#check({ ask: 'check', jobs: [job] });
    if (found === undefined) throw new Error('a result was not looked at');
    return found;
  }

  /** Ends the threads; what they were looking at is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  async #probe(request: ProbeRequest): Promise<readonly SourceProbe[]> {
    const threadFile = this.#threadFile;
    if (threadFile === undefined) return (await import('./inspect-answer.ts')).probeAll(request);
    return new Promise((resolve, reject) => this.#wait({ ...request, resolve, reject }, threadFile));
  }

  async #check(request: CheckRequest): Promise<readonly ResultCheck[]> {
    const threadFile = this.#threadFile;
    if (threadFile === undefined) return (await import('./inspect-answer.ts')).checkAll(request);
    return new Promise((resolve, reject) => this.#wait({ ...request, resolve, reject }, threadFile));
  }

  #wait(task: Task, threadFile: URL): void {
    this.#waiting.push(task);
    const threads = this.#threads.length;
    if (this.#waiting.length > threads * CHUNKS_PER_THREAD && threads < THREADS_AT_FIRST) {
      this.#startThread(threadFile);
    }
    this.#giveWorkSoon();
  }

  /** What is asked in one turn of the event loop goes into one message. */
  #giveWorkSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      for (const thread of this.#threads) this.#giveWork(thread);
    });
  }

  #startThread(threadFile: URL): Thread {
    const worker = new Worker(threadFile, { execArgv: [], resourceLimits: THREAD_LIMITS });
    const thread: Thread = { worker, tasks: [], sinceMs: undefined };
    this.#threads.push(thread);
    thread.worker.unref();
    thread.worker.on('message', (answer: InspectAnswer) => {
      const { tasks } = thread;
      thread.tasks = [];
      thread.worker.unref();
      const isSlow = thread.sinceMs !== undefined && performance.now() - thread.sinceMs > SLOW_CHUNK_MS;
      thread.sinceMs = performance.now();
      if (isSlow && this.#waiting.length > 0 && this.#threads.length < MAX_THREADS) {
        this.#giveWork(this.#startThread(threadFile));
      }
      this.#giveWork(thread);
      answerTasks(tasks, answer);
    });
    thread.worker.on('error', (error) => this.#lose(thread, error));
    thread.worker.on('exit', () => this.#lose(thread, new Error('the thread that looks at pages ended')));
    return thread;
  }

  #giveWork(thread: Thread): void {
    if (thread.tasks.length > 0) return;
    const first = this.#waiting.shift();
    if (first === undefined) return;
    if (thread.sinceMs !== undefined) thread.sinceMs = performance.now();
    // While it works somebody waits for it: the process has to stay.
    thread.worker.ref();
    if (first.ask === 'probe') {
      const isAlso = (next: Task): next is ProbeTask => next.ask === 'probe' && isAlike(first, next);
      const tasks = this.#takeWith(first, isAlso);
      thread.tasks = tasks;
      ask(thread, { ask: 'probe', jobs: tasks.flatMap(({ jobs }) => jobs), how: first.how });
    } else {
      const tasks = this.#takeWith(first, (next): next is CheckTask => next.ask === 'check');
      thread.tasks = tasks;
      ask(thread, { ask: 'check', jobs: tasks.flatMap(({ jobs }) => jobs) });
    }
  }

  /** The next tasks of one kind, as many as go into one message: under load a message costs more than a page. */
  #takeWith<T extends Task>(first: T, isAlso: (next: Task) => next is T): T[] {
    const together = [first];
    let jobs = first.jobs.length;
    for (let next = this.#waiting[0]; next !== undefined && isAlso(next); next = this.#waiting[0]) {
      jobs += next.jobs.length;
      if (jobs > JOBS_AT_ONCE) break;
      together.push(next);
      this.#waiting.shift();
    }
    return together;
  }

  /** A thread is gone: its pages have no answer, and without another thread those that wait have none either. */
  #lose(thread: Thread, error: unknown): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    for (const task of thread.tasks) task.reject(error);
    thread.tasks = [];
    if (this.#threads.length === 0) for (const task of this.#waiting.splice(0)) task.reject(error);
  }
}

const ask = ({ worker }: Thread, request: InspectRequest): void => worker.postMessage(request);

function isAlike(one: ProbeRequest, other: ProbeRequest): boolean {
  // One link that fails must not fail the pages of another batch.
  const isReadOnly = ({ jobs }: ProbeRequest): boolean => jobs.every(({ link }) => link === undefined);
  return one.how.measure === other.how.measure && isReadOnly(one) && isReadOnly(other);
}

function answerTasks(tasks: readonly Task[], answer: InspectAnswer): void {
  if (answer.to === 'nothing') {
    const error = Object.assign(new Error(answer.error.message), answer.error);
    for (const task of tasks) task.reject(error);
    return;
  }
  let at = 0;
  for (const task of tasks) {
    const to = at + task.jobs.length;
    if (task.ask === 'probe' && answer.to === 'probe') task.resolve(answer.found.slice(at, to));
    else if (task.ask === 'check' && answer.to === 'check') task.resolve(answer.found.slice(at, to));
    else task.reject(new Error('a thread answered what it was not asked'));
    at = to;
  }
}
