import type { LogLevel, RunEvent } from '../model/events.ts';
import type { OutputStream } from './output.ts';
import type { RunSummary } from './summary-schema.ts';

/** Tells somebody what happens in a run. It never throws and never holds the run up: a reader that left makes it silent. */
export interface Reporter {
  /** Takes every event of a run, in order. */
  report(event: RunEvent): void;
  /** The run is over. Settles once everything is written, or nobody reads any more. */
  finish(summary: RunSummary): void | Promise<void>;
  /** There will be no summary: writes what it holds, and nothing more. */
  abandon(): void;
}

/** What a reporter is made from. */
export interface ReporterSetting {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Translators' lines below it are not shown. */
  readonly logLevel: LogLevel | 'silent';
  /** Missing: colours where the stream is a terminal and NO_COLOR is not set. */
  readonly colours?: boolean | undefined;
}
