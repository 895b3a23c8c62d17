import { existsSync } from 'node:fs';
import type { CheckJob, ResultCheck } from './check-result.ts';
import { JOBS_AT_ONCE, LookPool, type PoolLimits } from './look-pool.ts';
import { answerTask, type Task, type Waiting } from './look-tasks.ts';
import type { ProbeHow, ProbeJob, SourceProbe } from './probe-source.ts';
import type { OutputLook, VerifyJob } from './verify.ts';

export type { CheckedSource, ResultCheck } from './check-result.ts';
export type { GoodProbe, ProbeJob, SourceProbe } from './probe-source.ts';
export type { OutputLook, VerifyJob } from './verify.ts';

const BUILT_THREAD = new URL('./inspect-thread.js', import.meta.url);

/**
 * Looks at pages on threads, so that neither a slow disk nor 100,000 files hold up the launcher. Where the program runs from
 * its sources and there is no built thread, it looks itself.
 */
export class Inspector {
  readonly #pool: LookPool | undefined;
  #closed = false;

  constructor(threadFile = BUILT_THREAD, limits: PoolLimits = {}) {
    this.#pool = existsSync(threadFile) ? new LookPool(threadFile, limits) : undefined;
  }

  /** Starts a thread ahead of the first page, while there is other work to wait for. */
  warmUp(): void {
    this.#pool?.warmUp();
  }

  /**
   * What each page is, in the order of the jobs. Rejects where a page can't be put at its `link` because of the disk, with the
   * error's `code` and `path`, and with a Refusal (3) where no disk answers; never because of a page.
   */
  async probe(jobs: readonly ProbeJob[], how: ProbeHow): Promise<SourceProbe[]> {
    return this.#ask(jobs, (some, asker) => ({ ask: 'probe', jobs: some, how, ...asker }));
  }

  /** What a page's source is now, and whether its output is whole. Never rejects because of either; else as `probe`. */
  async check(job: CheckJob): Promise<ResultCheck> {
    const [found]: ResultCheck[] = await this.#ask([job], (jobs, asker) => ({
      ask: 'check',
      jobs,
      ...asker,
    }));
    if (found === undefined) throw new Error('a result was not looked at');
    return found;
  }

  /** What the outputs at these paths, or these entries, are, in their order. Never rejects because of one; else as `probe`. */
  async verify(wanted: readonly VerifyJob[]): Promise<OutputLook[]> {
    return this.#ask(wanted, (jobs, asker) => ({ ask: 'verify', jobs, ...asker }));
  }

  /** Ends the threads; what they were looking at is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.close();
  }

  /** Asks in chunks: `taskOf` makes a task of some of the jobs. The answers come in the jobs' order. */
  async #ask<J, T>(
    jobs: readonly J[],
    taskOf: (some: readonly J[], asker: Waiting<T>) => Task,
  ): Promise<T[]> {
    if (this.#pool?.trouble) throw this.#pool.trouble;
    if (this.#closed) throw new Error('the inspector is closed');
    const ask = (some: readonly J[]): Promise<readonly T[]> =>
      new Promise((resolve, reject) => this.#give(taskOf(some, { resolve, reject })));
    if (jobs.length <= JOBS_AT_ONCE) return [...(await ask(jobs))];
    const chunks: Promise<readonly T[]>[] = [];
    for (let at = 0; at < jobs.length; at += JOBS_AT_ONCE)
      chunks.push(ask(jobs.slice(at, at + JOBS_AT_ONCE)));
    return (await Promise.all(chunks)).flat();
  }

  /** Without threads it looks here: the same answer, and an error as it was thrown. */
  #give(task: Task): void {
    if (this.#pool) {
      this.#pool.give(task);
      return;
    }
    const answered = import('./inspect-answer.ts').then(({ answerTo }) => answerTask(task, answerTo(task)));
    answered.catch(task.reject);
  }
}
