import { parentPort } from 'node:worker_threads';
import { answerTo } from './inspect-answer.ts';
import type { InspectAnswer, InspectRequest } from './inspect-request.ts';

parentPort?.on('message', (request: InspectRequest) => {
  parentPort?.postMessage(answerOrError(request));
});

function answerOrError(request: InspectRequest): InspectAnswer {
  try {
    return { found: answerTo(request) };
  } catch (error) {
    const { code, path, message, stack } = error as NodeJS.ErrnoException;
    return { error: { code, path, message, stack } };
  }
}
