import type { RunEvent, RunFinished } from '../model/events.ts';
import { steadyTime } from '../model/steady-clock.ts';
import type { Stop } from '../model/stop.ts';
import { SummaryBuilder } from '../report/summary.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { exitCodeOf } from './exit-code.ts';

const NO_PAGES = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 };

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
  const event: RunFinished & { readonly time: string } = {
    type: 'run-finished',
    time: steadyTime(),
    counts: NO_PAGES,
    seconds: Math.round(seconds * 1000) / 1000,
    // Nobody has counted them, but all of them are left.
    exitCode: exitCodeOf({ counts: { ...NO_PAGES, left: 1 }, reasons: stop.reasons }),
    message: 'stopped before it started: nothing was written',
    gpus: [],
  };
  report(event);
  const summary = new SummaryBuilder();
  summary.add(event);
  return summary.summary();
}
