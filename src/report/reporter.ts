import type { RunEvent } from '../events.ts';
import type { RunSummary } from './summary-schema.ts';

/** Tells somebody what happens in a run. It never throws and never holds the run up: a reader that left makes it silent. */
export interface Reporter {
  /** Takes every event of a run, in order. */
  report(event: RunEvent): void;
  /** The run is over. Settles once everything is written, or nobody reads any more. */
  finish(summary: RunSummary): void | Promise<void>;
}
