import type { Counts } from '../events.ts';

/** What a run's exit code is made of. */
export interface RunEnd {
  readonly counts: Counts;
  /** What asked it to stop before its last page, if anything did. */
  readonly stopped?: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'max-time' | undefined;
  /** True where the run could not go on: no space, no GPU left, a ledger that can't be written. */
  readonly cannotGoOn?: boolean | undefined;
}

const OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * 0: every page has a good outcome. 1: some page failed or stayed untranslated. 3: the run could not go on. 4: stopped by
 * --max-time with pages left. 129, 130, 143: stopped by a signal. Of several the last named wins.
 */
export const exitCodeOf = ({ counts, stopped, cannotGoOn = false }: RunEnd): number => {
  if (stopped !== undefined && stopped !== 'max-time') return OF_SIGNAL[stopped];
  if (stopped === 'max-time' && counts.left > 0) return 4;
  if (cannotGoOn || counts.left > 0) return 3;
  return counts.failed + counts.untranslated > 0 ? 1 : 0;
};
