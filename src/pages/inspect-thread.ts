import { parentPort } from 'node:worker_threads';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { answerTo } from './inspect-answer.ts';
import type { ErrorFields, InspectAnswer, InspectRequest } from './inspect-request.ts';

parentPort?.on('message', (request: InspectRequest) => {
  parentPort?.postMessage(answerOrError(request));
});

function answerOrError(request: InspectRequest): InspectAnswer {
  try {
    return answerTo(request);
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
