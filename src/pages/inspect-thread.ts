import { parentPort } from 'node:worker_threads';
import { inspectPage } from './inspect.ts';
import type { InspectAnswer, InspectRequest } from './inspector.ts';

parentPort?.on('message', ({ jobs, how }: InspectRequest) => {
  parentPort?.postMessage(answerTo(jobs, how));
});

function answerTo(jobs: InspectRequest['jobs'], how: InspectRequest['how']): InspectAnswer {
  try {
    return { found: jobs.map((job) => inspectPage(job, how)) };
  } catch (error) {
    const { code, path, message, stack } = error as NodeJS.ErrnoException;
    return { error: { code, path, message, stack } };
  }
}
