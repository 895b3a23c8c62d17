import type { Counts } from '../model/events.ts';
import type { FailureReason, Outcome } from '../model/outcome.ts';

/** A page that failed or stayed untranslated. */
export interface TroubledPage {
  page: string;
  message?: string | undefined;
  /** Tries on a GPU; 0 where no child was started for it. */
  attempts: number;
  /** Where its last try ran. */
  slot?: string | undefined;
  /** What its worker wrote: a file, relative to the output folder. Missing where another run has it. */
  log?: string | undefined;
}

/** What one GPU did in a run. */
export interface GpuSummary {
  /** Its index; null is the CPU. */
  gpu: number | null;
  name?: string | undefined;
  /** The machine that it is in, on a cluster. */
  node?: string | undefined;
  pages: number;
  outcomes: Record<Outcome, number>;
  /** Mean of the pages that were timed; null where none was. */
  secondsPerPage: number | null;
  /** Time in which at least one of its workers loaded or was on a page. */
  busySeconds: number;
  /** Of the run's time since its first slot came. */
  busyShare: number;
  /** Workers started, each of which loaded the models. */
  loads: number;
  secondsPerLoad: number | null;
  /** Workers by exit code or signal. */
  exits: Record<string, number>;
}

/** What workers noted on pages. */
export interface NotesSummary {
  /** Pages with notes. */
  count: number;
  /** The first thousand, or as many as are 200,000 characters. */
  pages: { page: string; notes: string[] }[];
}

/** A machine of a cluster. */
export interface NodeSummary {
  node: string;
  address: string;
  host: string;
  /** GPUs that it has, held or not. */
  gpus: number;
  /** Why it is gone; missing: it stayed. */
  left?: string | undefined;
}

/** How many workers share a device. */
export interface PackingSummary {
  /** Its index; null is the CPU. */
  gpu: number | null;
  workers: number;
  /** How fast they are together, compared with one; missing where that was not measured. */
  times?: number | undefined;
  /** Why there are no more, or why the last one stayed. */
  why: string;
}

/** How far one folder is. */
export interface FolderSummary {
  /** Relative to the input root, which is `.` itself. */
  folder: string;
  pages: number;
  /** With a good outcome, in this run or before. */
  done: number;
  untranslated: number;
  failed: number;
  left: number;
  /** All of its pages are done, and it has no others. */
  complete: boolean;
}

export interface FolderTotals {
  folders: number;
  complete: number;
  /** The run ended before all of the input was read. */
  mayHaveMore?: boolean | undefined;
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
  /** The first thousand; where there are more, those that are not complete come before the others. Missing: not known. */
  folders?: FolderSummary[] | undefined;
  folderTotals?: FolderTotals | undefined;
  /** Pages that `--limit` left to be done later, where they were counted. */
  later?: number | undefined;
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
  /** The machines, on a cluster. */
  nodes?: NodeSummary[] | undefined;
  /** The first thousand pages of each reason. */
  failures: { reason: FailureReason; count: number; pages: TroubledPage[] }[];
  /** The first thousand. */
  untranslated: { count: number; pages: TroubledPage[] };
  /** Outputs that equal their source byte for byte. */
  unchanged: number;
  /** What workers noted on pages; missing: nothing. */
  notes?: NotesSummary | undefined;
  /** Pages that an earlier run had made, and was killed before it recorded them; missing: none. */
  recovered?: number | undefined;
  /** Failed pages with their original in their place (`--on-failed copy`); missing: none. */
  originalsInPlace?: number | undefined;
  /**
   * Pages whose worker had a copy that was made ahead, and how long workers had nothing to do for want of input, where that can be
   * seen (a script reads by itself); missing: neither.
   */
  input?: { stagedPages: number; waitSeconds?: number | undefined } | undefined;
  /** How many workers share each device, as `--workers-per-gpu auto` found it. */
  packing?: PackingSummary[] | undefined;
  benched: { gpu: number | null; reason: string }[];
  /** Slots that take no more pages, where there are some. */
  retired?: { slot: string; gpu: number | null; why: string }[] | undefined;
  paths?: { output: string; logs: string; ledger: string } | undefined;
  /** The HTML report of the run: a file. */
  html?: string | undefined;
  /** Why there is no HTML report, where one was wanted. */
  htmlTrouble?: string | undefined;
  /** The command that goes on. */
  continueCommand?: string | undefined;
  /** What workers said that pages cost, all together; missing: they say nothing of it. */
  cost?: number | undefined;
  /** What the run was expected to take in all, when that was first known; missing: never. */
  forecastSeconds?: number | undefined;
  /** After a sample (`--sample`): the pages that are left to be done, and how long they will take. */
  rest?: { pages: number; seconds: number } | undefined;
  /** What another strategy would have saved. */
  saving?: { strategy: string; seconds: number } | undefined;
}

/** What events don't say and a summary needs. */
export interface SummaryContext {
  readonly paths?: { readonly output: string; readonly logs: string; readonly ledger: string };
  /** The command that goes on where pages are left or failed. */
  readonly continueCommand?: string;
  /** True where workers stay loaded between pages; missing: where one of them said that it is ready. */
  readonly warm?: boolean;
}
