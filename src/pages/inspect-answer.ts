import { examinePage } from './examine.ts';
import { inspectPage } from './inspect.ts';
import type { InspectRequest } from './inspect-request.ts';

/** Does what a request asks, one job after the other, with blocking calls: for worker threads. */
export function answerTo(request: InspectRequest): readonly unknown[] {
  return request.ask === 'examine'
    ? request.jobs.map(examinePage)
    : request.jobs.map((job) => inspectPage(job, request.how));
}
