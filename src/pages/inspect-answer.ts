import { checkResult } from './check-result.ts';
import type { InspectRequest } from './inspect-request.ts';
import { probeSource } from './probe-source.ts';

/** Does what a request asks, one job after the other, with blocking calls: for worker threads. */
export function answerTo(request: InspectRequest): readonly unknown[] {
  return request.ask === 'check'
    ? request.jobs.map(checkResult)
    : request.jobs.map((job) => probeSource(job, request.how));
}
