import { constants } from 'node:os';
import type { Counts } from '../model/events.ts';
import type { StopReason, StopSignal } from '../model/stop.ts';

/** What a run's exit code is made of. */
export interface RunEnd {
  readonly counts: Counts;
  /** What asked it to stop before its last page. */
  readonly reasons: ReadonlySet<StopReason>;
}

/** What a terminal or a batch system asked for comes after what somebody asked for by hand or ended the run with. */
const BY_WEIGHT = ['SIGTERM', 'SIGINT', 'SIGXCPU', 'SIGUSR2', 'SIGUSR1', 'SIGHUP'] as const;

/** The exit code by which a shell tells of the signal: 130 for SIGINT; 138 for SIGUSR1 on Linux. */
export const codeOfSignal = (signal: StopSignal): number => 128 + constants.signals[signal];

/**
 * 0: every page has a good outcome. 1: some page failed or stayed untranslated. 3: the run could not go on. 4: stopped by
 * --max-time or --max-cost with pages left. 128 and more: stopped by a signal, as a shell tells of it; of several the weightiest counts.
 */
export const exitCodeOf = ({ counts, reasons }: RunEnd): number => {
  const signal = BY_WEIGHT.find((each) => reasons.has(each));
  if (signal !== undefined) return codeOfSignal(signal);
  if ((reasons.has('max-time') || reasons.has('max-cost')) && counts.left > 0) return 4;
  if (reasons.has('cannot-go-on') || counts.left > 0) return 3;
  return counts.failed + counts.untranslated > 0 ? 1 : 0;
};
