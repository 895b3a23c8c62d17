import type { CheckJob, ResultCheck } from './check-result.ts';
import type { SourceProbe } from './probe-source.ts';
import type { OutputLook } from './verify.ts';

/** What is known of a page that could not be looked at. */
export const lostProbe = (words: string): SourceProbe => ({ ok: false, message: words });

/** What is known of a result that could not be looked at: as good as none. */
export const lostCheck = (job: CheckJob | undefined, words: string): ResultCheck => ({
  source: null,
  ...(job?.output !== undefined && { output: { whole: false, why: words } }),
});

/** What is known of an output that could not be looked at. */
export const lostOutput = (words: string): OutputLook => ({ verdict: { whole: false, why: words } });
