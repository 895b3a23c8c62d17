import type { Counts } from '../events.ts';
import type { StopReason } from './stop.ts';

/** What a run's exit code is made of. */
export interface RunEnd {
  readonly counts: Counts;
  /** What asked it to stop before its last page. */
  readonly reasons: ReadonlySet<StopReason>;
}

const OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * 0: every page has a good outcome. 1: some page failed or stayed untranslated. 3: the run could not go on. 4: stopped by
 * --max-time with pages left. 129, 130, 143: stopped by a signal. Of several the last named wins.
 */
export const exitCodeOf = ({ counts, reasons }: RunEnd): number => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    if (reasons.has(signal)) return OF_SIGNAL[signal];
  if (reasons.has('max-time') && counts.left > 0) return 4;
  if (reasons.has('cannot-go-on') || counts.left > 0) return 3;
  return counts.failed + counts.untranslated > 0 ? 1 : 0;
};
