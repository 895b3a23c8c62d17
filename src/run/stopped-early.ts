import type { RunEvent } from '../model/events.ts';
import type { Stop } from '../model/stop.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { exitCodeOf } from './exit-code.ts';
import { NO_PAGES, neverStarted } from './never-started.ts';

/** The end of a run that was stopped before it had begun: `run-finished` is its only event, which `report` hears. */
export function stoppedEarly({
  stop,
  seconds,
  report = () => {},
}: {
  readonly stop: Stop;
  readonly seconds: number;
  readonly report?: ((event: RunEvent) => void) | undefined;
}): RunSummary {
  const { event, summary } = neverStarted({
    seconds,
    // Nobody has counted them, but all of them are left.
    exitCode: exitCodeOf({ counts: { ...NO_PAGES, left: 1 }, reasons: stop.reasons }),
    message: 'stopped before it started: nothing was written',
  });
  report(event);
  return summary;
}
