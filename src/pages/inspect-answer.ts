import { checkResult, type ResultCheck } from './check-result.ts';
import type { CheckRequest, ProbeRequest } from './inspect-request.ts';
import { probeSource, type SourceProbe } from './probe-source.ts';

/** Looks at pages one after the other, with blocking calls: for worker threads. */
export const probeAll = ({ jobs, how }: ProbeRequest): readonly SourceProbe[] =>
  jobs.map((job) => probeSource(job, how));

/** Checks results one after the other, with blocking calls: for worker threads. */
export const checkAll = ({ jobs }: CheckRequest): readonly ResultCheck[] => jobs.map(checkResult);
