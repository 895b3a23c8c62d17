import { setTimeout as wait } from 'node:timers/promises';
import { cannotRun, type Refusal } from '../model/refusal.ts';
import { answerTasks, requestOf, type Task, takeTogether } from './look-tasks.ts';
import { LookThread, type Loss } from './look-thread.ts';
import { LostJobs } from './lost-jobs.ts';

interface Thread {
  readonly look: LookThread;
  /** What it was given in one message, in order. */
  tasks: readonly Task[];
  /** When it got its tasks; undefined for the first, whose time is that of the thread's start. */
  sinceMs: number | undefined;
}

/** How long threads may take, how many there may be, and how much one of them is given at once. */
export interface PoolLimits {
  /** For one look at one page, in milliseconds: a disk that answers later is taken for one that never does. */
  readonly lookMs?: number;
  /** Of threads, where a disk answers late. */
  readonly mostThreads?: number;
  /** Jobs in one message: few where each takes long, so that they are shared out over the threads. */
  readonly jobsAtOnce?: number;
  /** Threads start as jobs come, and not only once the disk shows that it is slow. */
  readonly isEager?: boolean;
}

/** So many jobs go into one message, and into one task. */
export const JOBS_AT_ONCE = 64;
/** Chunks that one thread may have waiting before a second one is worth its start. */
const CHUNKS_PER_THREAD = 4;
/** As many keep up with a local disk; each costs 10 MB. */
const THREADS_AT_FIRST = 2;
/** More than that where a disk answers late: its latencies overlap. */
const MAX_THREADS = 4;
/** Within it a thread answers most messages, and takes what came meanwhile. */
const HELP_AFTER_MS = 5;
/** A local disk needs 2 ms for a chunk. */
const SLOW_CHUNK_MS = 40;
const LOOK_MS = 60_000;
/** Threads that hang can't be ended. So many at one time are not the fault of a few files. */
const MOST_HANGING = 4;
/** How long a thread gets to end that is not known to hang. */
const END_MS = 5000;

/**
 * The threads that look at pages: they start when needed, share out what is asked, and keep no process alive. One that hangs or
 * dies is replaced, and costs the page that it was at.
 */
export class LookPool {
  readonly #threadFile: URL;
  readonly #threads: Thread[] = [];
  readonly #waiting: Task[] = [];
  readonly #lookMs: number;
  readonly #mostThreads: number;
  readonly #jobsAtOnce: number;
  readonly #isEager: boolean;
  /** Threads that were given up and have not ended. */
  readonly #hanging = new Set<LookThread>();
  readonly #lost = new LostJobs();
  #trouble: Refusal | undefined;
  #turn: NodeJS.Immediate | undefined;
  #help: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    threadFile: URL,
    { lookMs = LOOK_MS, mostThreads = MAX_THREADS, jobsAtOnce = JOBS_AT_ONCE, isEager = false }: PoolLimits,
  ) {
    this.#threadFile = threadFile;
    this.#lookMs = lookMs;
    this.#mostThreads = mostThreads;
    this.#jobsAtOnce = jobsAtOnce;
    this.#isEager = isEager;
  }

  /** Why nothing can be asked any more: so many threads hang that the disk does not respond. */
  get trouble(): Refusal | undefined {
    return this.#trouble;
  }

  /** Starts the first thread ahead of the first task. */
  warmUp(): void {
    if (this.#threads.length === 0) this.#startThread();
  }

  /** Has a thread answer the task; it is rejected where no thread can. */
  give(task: Task): void {
    for (const part of this.#lost.without(task)) {
      this.#waiting.push(part);
      const threads = this.#threads.length;
      const enough = this.#isEager ? 0 : threads * CHUNKS_PER_THREAD;
      const most = this.#isEager ? this.#mostThreads : THREADS_AT_FIRST;
      if (this.#waiting.length > enough && threads < most) this.#startThread();
      this.#giveWorkSoon();
    }
  }

  /** Ends the threads; what they were looking at is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = this.#threads.map(({ look }) => look);
    for (const look of threads) this.#hanging.add(look);
    const ended = new AbortController();
    const patience = wait(END_MS, undefined, { signal: ended.signal }).catch(() => {});
    await Promise.race([Promise.all(threads.map((look) => look.end())), patience]);
    ended.abort();
    // Node waits for its threads at its end, and would for ever: the reports are written by then.
    if (this.#hanging.size > 0)
      process.once('exit', () => this.#hanging.size > 0 && process.kill(process.pid, 'SIGKILL'));
  }

  /**
   * What is asked in one turn of the event loop goes into one message, and what is asked while the first thread is at that into
   * the next one: a message costs more than a page. Where the thread takes long, the others help.
   */
  #giveWorkSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      const [first] = this.#threads;
      if (first) this.#giveWork(first);
      if (this.#waiting.length > 0) this.#help ??= setTimeout(() => this.#giveAll(), HELP_AFTER_MS);
    });
  }

  #giveAll(): void {
    this.#help = undefined;
    for (const thread of this.#threads) this.#giveWork(thread);
  }

  #startThread(): Thread {
    const look = new LookThread(this.#threadFile, {
      limitMs: this.#lookMs,
      answered: (answers) => {
        const { tasks } = thread;
        thread.tasks = [];
        const isSlow = thread.sinceMs !== undefined && performance.now() - thread.sinceMs > SLOW_CHUNK_MS;
        thread.sinceMs = performance.now();
        if (isSlow && this.#waiting.length > 0 && this.#threads.length < this.#mostThreads) {
          this.#giveWork(this.#startThread());
        }
        this.#giveWork(thread);
        answerTasks(tasks, answers);
      },
      lost: (loss) => this.#lose(thread, loss),
      exited: () => this.#hanging.delete(look),
    });
    const thread: Thread = { look, tasks: [], sinceMs: undefined };
    this.#threads.push(thread);
    return thread;
  }

  #giveWork(thread: Thread): void {
    if (thread.tasks.length > 0) return;
    const tasks = takeTogether(this.#waiting, this.#jobsAtOnce);
    if (tasks.length === 0) return;
    if (thread.sinceMs !== undefined) thread.sinceMs = performance.now();
    thread.tasks = tasks;
    thread.look.ask(tasks.map(requestOf));
  }

  /**
   * A thread is gone. The page that it was at has no answer; all others are asked of another thread. One that never came to a
   * page could not be started: then nobody gets an answer.
   */
  #lose(thread: Thread, { at, words, error }: Loss): void {
    const index = this.#threads.indexOf(thread);
    if (index >= 0) this.#threads.splice(index, 1);
    if (error === undefined) this.#hanging.add(thread.look);
    const { tasks } = thread;
    thread.tasks = [];
    if (this.#hanging.size >= MOST_HANGING) this.#trouble = doesNotAnswer(this.#lookMs);
    if (this.#closed || this.#trouble || (at === undefined && error !== undefined)) {
      this.#rejectAll(tasks, this.#trouble ?? error);
      return;
    }
    this.#waiting.unshift(...this.#lost.add(tasks, { at, words }));
    if (this.#waiting.length === 0) return;
    this.#startThread();
    this.#giveWorkSoon();
  }

  /** Without another thread those that wait have no answer either. */
  #rejectAll(tasks: readonly Task[], error: unknown): void {
    for (const task of tasks) task.reject(error);
    if (this.#threads.length > 0 && this.#trouble === undefined) return;
    for (const task of this.#waiting.splice(0)) task.reject(error);
  }
}

const doesNotAnswer = (lookMs: number): Refusal =>
  cannotRun(
    `the disk does not respond: ${MOST_HANGING} checks of pages have hung for ${Math.round(lookMs / 1000)} s and more`,
    'check that the disk is there (df, ls), then run the same command to resume',
  );
