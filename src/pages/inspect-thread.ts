import { parentPort } from 'node:worker_threads';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { answerTo } from './inspect-answer.ts';
import type { ErrorFields, InspectAnswer, InspectRequest } from './inspect-request.ts';

parentPort?.on('message', (requests: readonly InspectRequest[]) => {
  let jobs = 0;
  const answers = requests.map((request) => {
    const answer = answerOrError(request, jobs);
    jobs += request.jobs.length;
    return answer;
  });
  parentPort?.postMessage(answers);
});

function answerOrError(request: InspectRequest, jobsBefore: number): InspectAnswer {
  try {
    return answerTo(request, jobsBefore);
  } catch (error) {
    return { to: 'nothing', error: fieldsOf(error) };
  }
}

function fieldsOf(error: unknown): ErrorFields {
  const textOf = (field: 'path' | 'syscall'): string | undefined => {
    const value = error instanceof Error && (error as NodeJS.ErrnoException)[field];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    message: errorMessage(error),
    code: errorCode(error),
    path: textOf('path'),
    syscall: textOf('syscall'),
    stack: error instanceof Error ? error.stack : undefined,
  };
}
