import { pathOf, type Task, withoutJob } from './look-tasks.ts';
import type { Loss } from './look-thread.ts';

/** Pages and outputs that threads were lost at: no other thread is sent there. */
export class LostJobs {
  /** Why, by path. */
  readonly #words = new Map<string, string>();

  /** What is left of a task without the jobs that a thread was lost at before: these are answered with the reason. */
  without(task: Task): Task[] {
    const lostAt =
      this.#words.size === 0 ? -1 : task.jobs.findIndex((_, at) => this.#words.has(pathOf(task, at) ?? ''));
    if (lostAt < 0) return [task];
    const words = this.#words.get(pathOf(task, lostAt) ?? '') ?? '';
    return withoutJob(task, lostAt, words).flatMap((part) => this.without(part));
  }

  /** What is left of a lost thread's tasks without the job that it was at, which is answered with the reason. */
  add(tasks: readonly Task[], { at, words }: Pick<Loss, 'at' | 'words'>): Task[] {
    let first = 0;
    const left: Task[] = [];
    for (const task of tasks) {
      const within = at === undefined ? -1 : at - first;
      first += task.jobs.length;
      if (within < 0 || within >= task.jobs.length) {
        left.push(task);
        continue;
      }
      const path = pathOf(task, within);
      if (path !== undefined) this.#words.set(path, words);
      left.push(...withoutJob(task, within, words));
    }
    return left;
  }
}
