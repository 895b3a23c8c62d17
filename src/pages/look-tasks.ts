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
import type { OutputLook, VerifyJob } from './verify.ts';

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
  if (task.ask === 'verify') return pathOfJob(task.jobs[at]);
  return task.ask === 'probe' ? task.jobs[at]?.path : task.jobs[at]?.source;
}

const pathOfJob = (job: VerifyJob | undefined): string | undefined =>
  typeof job === 'object' ? job.archive.path : job;

/** What a thread is told of a task. */
export function requestOf(task: Task): InspectRequest {
  if (task.ask === 'probe') return { ask: 'probe', jobs: task.jobs, how: task.how };
  if (task.ask === 'verify') return { ask: 'verify', jobs: task.jobs };
  return { ask: 'check', jobs: task.jobs };
}

/** Takes the next tasks, as many as go into one message: under load a message costs more than a page. */
export function takeTogether(waiting: Task[], mostJobs: number): readonly Task[] {
  let jobs = 0;
  const end = waiting.findIndex((task, at) => {
    jobs += task.jobs.length;
    return at > 0 && jobs > mostJobs;
  });
  return waiting.splice(0, end < 0 ? waiting.length : end);
}

/** Tells those who wait for these tasks, which went into one message, answered one by one. */
export function answerTasks(tasks: readonly Task[], answers: readonly InspectAnswer[]): void {
  for (const [at, task] of tasks.entries()) answerTask(task, answers[at]);
}

/** Tells whoever waits for a task. */
export function answerTask(task: Task, answer: InspectAnswer | undefined): void {
  if (answer?.to === 'nothing') task.reject(Object.assign(new Error(answer.error.message), answer.error));
  else if (task.ask === 'probe' && answer?.to === 'probe') task.resolve(answer.found);
  else if (task.ask === 'check' && answer?.to === 'check') task.resolve(answer.found);
  else if (task.ask === 'verify' && answer?.to === 'verify') task.resolve(answer.found);
  else task.reject(new Error('a thread answered what it was not asked'));
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
