import type { Counts } from '../events.ts';
import type { FailureReason, Outcome } from '../outcome.ts';

/** A page that failed or stayed untranslated. */
export interface TroubledPage {
  page: string;
  message?: string | undefined;
  /** Tries on a GPU; 0 where no child was started for it. */
  attempts: number;
  /** Where its last try ran. */
  slot?: string | undefined;
}

/** What one GPU did in a run. */
export interface GpuSummary {
  /** Its index; null is the CPU. */
  gpu: number | null;
  name?: string | undefined;
  pages: number;
  outcomes: Record<Outcome, number>;
  /** Mean of the pages that were timed; null where none was. */
  secondsPerPage: number | null;
  /** Time with at least one worker on it. */
  busySeconds: number;
  /** Of the run's time. */
  busyShare: number;
  /** Workers started, each of which loaded the models. */
  loads: number;
  secondsPerLoad: number | null;
  /** Workers by exit code or signal. */
  exits: Record<string, number>;
}

/** What a run did. Every number in seconds has three decimals at most. */
export interface RunSummary {
  v: 1;
  run: string;
  /** False for a run that is still going or was killed. */
  finished: boolean;
  strategy: string;
  translator: string;
  /** ISO 8601. */
  startedAt?: string | undefined;
  seconds: number;
  counts: { -readonly [K in keyof Counts]: number };
  retries: number;
  pagesPerMinute: number;
  /** Of a run that is not finished, at its rate so far. */
  secondsLeft?: number | undefined;
  /** Null while the run is not finished. */
  exitCode: number | null;
  /** Why the run could not go on; its last line is what to do, where that is known. */
  message?: string | undefined;
  /** What to do, by itself. */
  hint?: string | undefined;
  gpus: GpuSummary[];
  /** The first thousand pages of each reason. */
  failures: { reason: FailureReason; count: number; pages: TroubledPage[] }[];
  /** The first thousand. */
  untranslated: { count: number; pages: TroubledPage[] };
  benched: { gpu: number | null; reason: string }[];
  paths?: { output: string; logs: string; ledger: string } | undefined;
  /** The command that goes on. */
  continueCommand?: string | undefined;
  /** What another strategy would have saved. */
  saving?: { strategy: string; seconds: number } | undefined;
}
