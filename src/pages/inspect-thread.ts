import { parentPort } from 'node:worker_threads';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { checkAll, probeAll } from './inspect-answer.ts';
import type { ErrorFields, InspectAnswer, InspectRequest } from './inspect-request.ts';

parentPort?.on('message', (request: InspectRequest) => {
  parentPort?.postMessage(answerOrError(request));
});

function answerOrError(request: InspectRequest): InspectAnswer {
  try {
    return request.ask === 'probe'
      ? { to: 'probe', found: probeAll(request) }
      : { to: 'check', found: checkAll(request) };
  } catch (error) {
    return { to: 'nothing', error: fieldsOf(error) };
  }
}

function fieldsOf(error: unknown): ErrorFields {
  const code = errorCode(error);
  if (!(error instanceof Error)) return { message: String(error), code, path: undefined, stack: undefined };
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return { message: errorMessage(error), code, path, stack: error.stack };
}
