import type { ResultCheck } from './check-result.ts';
import type {
  CheckRequest,
  InspectAnswer,
  InspectRequest,
  ProbeRequest,
  VerifyRequest,
} from './inspect-request.ts';
import { lostCheck, lostOutput, lostProbe } from './lost-look.ts';
import type { SourceProbe } from './probe-source.ts';
import type { OutputLook } from './verify.ts';

/** A request, and who waits for its answer. */
interface ProbeTask extends ProbeRequest, Waiting<SourceProbe> {}
interface CheckTask extends CheckRequest, Waiting<ResultCheck> {}
interface VerifyTask extends VerifyRequest, Waiting<OutputLook> {}
export type Task = ProbeTask | CheckTask | VerifyTask;

/** Gets the answer to a task, in the order of its jobs, or the error that there is instead. */
export interface Waiting<T> {
  readonly resolve: (found: readonly T[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The path of the page or output that a job is about. */
export function pathOf(task: Task, at: number): string | undefined {
  if (task.ask === 'verify') return task.jobs[at];
  return task.ask === 'probe' ? task.jobs[at]?.path : task.jobs[at]?.source;
}

/** Takes the next tasks of one kind, as many as go into one message: under load a message costs more than a page. */
export function takeTogether(
  waiting: Task[],
  mostJobs: number,
): { readonly tasks: readonly Task[]; readonly request: InspectRequest } | undefined {
  const first = waiting.shift();
  if (first === undefined) return undefined;
  if (first.ask === 'probe') {
    const isAlso = (next: Task): next is ProbeTask => next.ask === 'probe' && isAlike(first, next);
    const tasks = takeWith(waiting, { first, mostJobs, isAlso });
    return { tasks, request: { ask: 'probe', jobs: tasks.flatMap(({ jobs }) => jobs), how: first.how } };
  }
  if (first.ask === 'verify') {
    const isAlso = (next: Task): next is VerifyTask => next.ask === 'verify';
    const tasks = takeWith(waiting, { first, mostJobs, isAlso });
    return { tasks, request: { ask: 'verify', jobs: tasks.flatMap(({ jobs }) => jobs) } };
  }
  const isAlso = (next: Task): next is CheckTask => next.ask === 'check';
  const tasks = takeWith(waiting, { first, mostJobs, isAlso });
  return { tasks, request: { ask: 'check', jobs: tasks.flatMap(({ jobs }) => jobs) } };
}

function takeWith<T extends Task>(
  waiting: Task[],
  {
    first,
    mostJobs,
    isAlso,
  }: { readonly first: T; readonly mostJobs: number; readonly isAlso: (next: Task) => next is T },
): T[] {
  const together = [first];
  let jobs = first.jobs.length;
  for (let next = waiting[0]; next !== undefined && isAlso(next); next = waiting[0]) {
    jobs += next.jobs.length;
    if (jobs > mostJobs) break;
    together.push(next);
    waiting.shift();
  }
  return together;
}

function isAlike(one: ProbeRequest, other: ProbeRequest): boolean {
  // One link that fails must not fail the pages of another batch.
  const isReadOnly = ({ jobs }: ProbeRequest): boolean => jobs.every(({ link }) => link === undefined);
  return one.how.measure === other.how.measure && isReadOnly(one) && isReadOnly(other);
}

/** Tells those who wait for these tasks, which went into one message. */
export function answerTasks(tasks: readonly Task[], answer: InspectAnswer): void {
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
    else if (task.ask === 'verify' && answer.to === 'verify') task.resolve(answer.found.slice(at, to));
    else task.reject(new Error('a thread answered what it was not asked'));
    at = to;
  }
}

/**
 * What is left of a task once one of its jobs is answered with nothing but words: at most two tasks, for the jobs before and
 * after it. Together they answer whoever waits for the whole one.
 */
export function withoutJob(task: Task, at: number, words: string): Task[] {
  if (task.ask === 'probe') {
    const { jobs, how } = task;
    const parts = split(task, { jobs, at, lost: lostProbe(words) });
    return parts.map((part) => ({ ...part, ask: 'probe', how }));
  }
  if (task.ask === 'verify') {
    const { jobs } = task;
    const parts = split(task, { jobs, at, lost: lostOutput(words) });
    return parts.map((part) => ({ ...part, ask: 'verify' }));
  }
  const { jobs } = task;
  const parts = split(task, { jobs, at, lost: lostCheck(jobs[at], words) });
  return parts.map((part) => ({ ...part, ask: 'check' }));
}

function split<J, T>(
  { resolve, reject }: Waiting<T>,
  { jobs, at, lost }: { readonly jobs: readonly J[]; readonly at: number; readonly lost: T },
): ({ readonly jobs: readonly J[] } & Waiting<T>)[] {
  const parts: ({ readonly jobs: readonly J[] } & Waiting<T>)[] = [];
  const ask = (some: readonly J[]): Promise<readonly T[]> =>
    some.length === 0
      ? Promise.resolve([])
      : new Promise((found, failed) => parts.push({ jobs: some, resolve: found, reject: failed }));
  Promise.all([ask(jobs.slice(0, at)), ask(jobs.slice(at + 1))]).then(
    ([before, after]) => resolve([...before, lost, ...after]),
    reject,
  );
  return parts;
}
