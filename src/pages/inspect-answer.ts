import { errorMessage } from '../model/error-code.ts';
import { checkResult, type ResultCheck } from './check-result.ts';
import type {
  CheckRequest,
  InspectAnswer,
  InspectRequest,
  ProbeRequest,
  VerifyRequest,
} from './inspect-request.ts';
import { lostCheck, lostOutput, lostProbe } from './lost-look.ts';
import { probeSource, type SourceProbe } from './probe-source.ts';
import { jobBegun } from './sign-of-life.ts';
import { type OutputLook, verifyEntry, verifyOutput } from './verify.ts';

/**
 * Does a request's jobs one after the other, with blocking calls: for worker threads. `jobsBefore` is how many its message had
 * before them. Throws the system's error where a page can't be put at its link.
 */
export function answerTo(
  request: InspectRequest,
  jobsBefore = 0,
): Exclude<InspectAnswer, { readonly to: 'nothing' }> {
  switch (request.ask) {
    case 'probe':
      return { to: 'probe', found: probeAll(request, jobsBefore) };
    case 'check':
      return { to: 'check', found: checkAll(request, jobsBefore) };
    case 'verify':
      return { to: 'verify', found: verifyAll(request, jobsBefore) };
  }
}

const probeAll = ({ jobs, how }: ProbeRequest, jobsBefore: number): readonly SourceProbe[] =>
  jobs.map((job, index) => {
    jobBegun(jobsBefore + index);
    return unlessOdd(() => probeSource(job, how), lostProbe);
  });

const checkAll = ({ jobs }: CheckRequest, jobsBefore: number): readonly ResultCheck[] =>
  jobs.map((job, index) => {
    jobBegun(jobsBefore + index);
    return unlessOdd(
      () => checkResult(job),
      (words) => lostCheck(job, words),
    );
  });

const verifyAll = ({ jobs }: VerifyRequest, jobsBefore: number): readonly OutputLook[] =>
  jobs.map((job, index) => {
    jobBegun(jobsBefore + index);
    return unlessOdd(() => (typeof job === 'string' ? verifyOutput(job) : verifyEntry(job)), lostOutput);
  });

/** What a file is so odd of that no reader is prepared for it costs that page alone; what the system says is thrown on. */
function unlessOdd<T>(look: () => T, lost: (words: string) => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error;
    return lost(`checking it failed: ${errorMessage(error)}`);
  }
}
