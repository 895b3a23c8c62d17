import type { FailureReason, Outcome, RetryReason } from './outcome.ts';
import type { PageId } from './page.ts';
import type { SlotId } from './slot.ts';

/** A line of a translator's log: pino's level names. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How many pages came to which end. `left` were not come to: they have no ledger line. */
export interface Counts {
  readonly translated: number;
  readonly 'no-text': number;
  readonly untranslated: number;
  readonly failed: number;
  readonly skipped: number;
  readonly left: number;
}

/** What one GPU (null: the CPU) did in a run. */
export interface GpuTotals {
  readonly gpu: number | null;
  readonly pages: number;
  /** Seconds in which at least one of its workers loaded or was on a page. */
  readonly busySeconds: number;
  /** Workers started, each of which loaded the models. */
  readonly loads: number;
}

/** How a page ended: the last word on it in this run. */
export interface PageFinished {
  readonly type: 'page-finished';
  readonly page: PageId;
  /** Missing where no worker had it. */
  readonly slot?: SlotId;
  /** Which try this was, from 1; 0 where no child was started for it. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly reason?: FailureReason;
  readonly message?: string;
  readonly seconds?: number;
  /** Of the source, in pixels, where it was read from the header. */
  readonly width?: number;
  readonly height?: number;
  readonly stages?: Readonly<Record<string, number>>;
  readonly peakMemoryBytes?: number;
  /** What its worker said that it cost, all tries of this run together. */
  readonly cost?: number;
  /** What its worker has to say of it: at most 10 texts of 200 characters. */
  readonly notes?: readonly string[];
  /** Its worker had nothing to do for so long because this page was still being read; with pages that were copied ahead, or from 0.1 s on. */
  readonly waitSeconds?: number;
  /** Its worker had a copy that was made ahead. */
  readonly staged?: true;
  /** Path of the output relative to the output root; missing where there is none. */
  readonly output?: string;
  /** The output equals its source byte for byte. */
  readonly unchanged?: true;
  /** An earlier run had made the output, and was killed before it recorded that. */
  readonly recovered?: true;
  /** With a failed page: its original was copied into its place (`--on-failed copy`). */
  readonly originalInPlace?: true;
}

/** What the workers of a slot compute on. */
export interface SlotDevice {
  readonly slot: SlotId;
  /** Opaque: nothing is to be read out of it. */
  readonly device: string;
  /** Its number among the run's GPUs; null is the CPU. */
  readonly gpu: number | null;
  /** The machine that it is in, where there are several. */
  readonly node?: string;
}

/** What a launcher runs on. */
export interface RunMachine {
  readonly host: string;
  /** Cores that it may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Version of Node. */
  readonly node: string;
}

/** A slot takes pages from now on. */
interface SlotJoined extends SlotDevice {
  readonly type: 'slot-joined';
  /** Of its GPU, where that was not known at the run's start: on a cluster. */
  readonly gpuName?: string;
  readonly memoryTotalBytes?: number;
  readonly why: string;
}

/** A machine of a cluster. */
export interface ClusterNode {
  /** As slots have it: `node1`. */
  readonly node: string;
  readonly address: string;
  readonly host: string;
  /** GPUs that it has. */
  readonly gpus: number;
}

/** How many workers share a device now, as `--workers-per-gpu auto` decides it. */
export interface PackingChanged extends Omit<SlotDevice, 'slot'> {
  readonly type: 'packing-changed';
  readonly workers: number;
  readonly why: string;
  /** How fast they are together, compared with one; missing where that was not measured, or is 1. */
  readonly times?: number;
}

export interface RunStarted {
  readonly type: 'run-started';
  readonly v: 1;
  readonly run: string;
  /** Listed as they were chosen; on the CPU the list is empty. */
  readonly gpus: readonly {
    readonly index: number;
    readonly name?: string;
    readonly uuid?: string;
    readonly memoryTotalBytes?: number;
  }[];
  readonly slots: readonly SlotId[];
  /** What each of these slots is on; version 0.1.0 did not tell. */
  readonly slotDevices?: readonly SlotDevice[];
  readonly strategy: string;
  readonly translator: string;
  /** The folder that page ids are relative to; version 0.2.0 did not tell. */
  readonly inputRoot?: string;
  readonly machine?: RunMachine;
  /** Redacted: no key, token or password is in it. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface WorkerExited {
  readonly type: 'worker-exited';
  readonly slot: SlotId;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Pages that this worker finished. */
  readonly pages: number;
  /** What it was ended for, where the launcher ended it: `no output for 60 s`. */
  readonly why?: string;
}

/** Pages of one folder that were found. */
export interface FolderFound {
  /** Relative to the input root, which is `.` itself. */
  readonly folder: string;
  readonly pages: number;
  /** Of these: done before. */
  readonly skipped: number;
}

/** How far one folder is. */
interface FolderProgress {
  readonly folder: string;
  readonly pages: number;
  /** With a good outcome, in this run or before. */
  readonly done: number;
  readonly untranslated: number;
  readonly failed: number;
  readonly left: number;
  /** All of its pages are done, and it has no others. */
  readonly complete: boolean;
}

export interface RunFinished {
  readonly type: 'run-finished';
  readonly counts: Counts;
  readonly seconds: number;
  readonly exitCode: number;
  /** Why the run could not go on, where it could not; its last line is what to do, where that is known. */
  readonly message?: string;
  /** What to do, by itself. */
  readonly hint?: string;
  /** What workers said that pages cost, all together, where they say it. */
  readonly cost?: number;
  /** Outputs that equal their source byte for byte, where there are some. */
  readonly unchanged?: number;
  /** The first thousand; where there are more, those that are not complete come before the others. */
  readonly folders?: readonly FolderProgress[];
  readonly folderTotals?: { readonly folders: number; readonly complete: number };
  readonly gpus: readonly GpuTotals[];
}

/** One thing that happened, before it got its time. */
export type Happening =
  | RunStarted
  /** Comes again and again while the input is read: pages since the last time, so that a folder may come more than once. */
  | {
      readonly type: 'folders-found';
      readonly folders: readonly FolderFound[];
      /** Pages come in the order of a list, so pages of one folder need not stand together. */
      readonly anyOrder?: true;
    }
  /** Pages that the run is to do, some hundred each time, as they are found: what a killed run left is known by them. */
  | { readonly type: 'pages-to-do'; readonly pages: readonly PageId[] }
  | {
      readonly type: 'pages-found';
      readonly pages: number;
      readonly skipped: number;
      /** There may be more pages: `--limit` was reached, or the run was stopped before the input was read. */
      readonly more?: true;
      /** Pages that `--limit` leaves to be done later, where they were counted. */
      readonly later?: number;
    }
  | {
      readonly type: 'worker-started';
      readonly slot: SlotId;
      readonly gpu: number | null;
      readonly pid: number;
    }
  | {
      readonly type: 'worker-ready';
      readonly slot: SlotId;
      readonly loadSeconds: number;
      readonly device?: string;
    }
  | {
      readonly type: 'worker-log';
      readonly slot: SlotId;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      readonly level: LogLevel;
    }
  | WorkerExited
  | SlotJoined
  /** A slot takes no more pages; one that its worker has still comes to its end. */
  | {
      readonly type: 'slot-retired';
      readonly slot: SlotId;
      readonly why: string;
      /** It was on trial, or one worker too many: nothing went wrong with it. */
      readonly by?: 'packing';
    }
  | PackingChanged
  /** A machine of the cluster: those that are there come first, and one that joins later when it does. */
  | ({ readonly type: 'node-joined' } & ClusterNode)
  /** It is gone, with all that was on it. */
  | { readonly type: 'node-left'; readonly node: string; readonly why: string }
  /** How long the run will still take, as far as it is known; comes again where it turns out otherwise. */
  | {
      readonly type: 'forecast';
      readonly secondsLeft: number;
      readonly pagesLeft: number;
      /** What it is learned from; `rest`: of pages that are none of this run's, as it was given a sample (`--sample`). */
      readonly by: 'earlier-runs' | 'this-run' | 'rest';
    }
  /** The translator's service refuses for now: no page is begun for so long. */
  | { readonly type: 'service-waiting'; readonly seconds: number; readonly message: string }
  | { readonly type: 'gpu-benched'; readonly gpu: number | null; readonly reason: string }
  | {
      readonly type: 'gpu-sampled';
      readonly gpu: number;
      readonly utilisation: number;
      readonly memoryUsedBytes: number;
      /** What this run's workers hold by what is known of them, and what their pages are expected to take besides. */
      readonly heldBytes?: number;
      readonly reservedBytes?: number;
    }
  | { readonly type: 'page-started'; readonly page: PageId; readonly slot: SlotId; readonly attempt: number }
  | { readonly type: 'page-stage'; readonly page: PageId; readonly slot: SlotId; readonly stage: string }
  /** A script wrote an image that may be this page's output; `page-finished` follows once it is known how its outputs are named. */
  | { readonly type: 'page-written'; readonly page: PageId; readonly slot: SlotId; readonly file: string }
  | {
      readonly type: 'page-retried';
      readonly page: PageId;
      readonly slot: SlotId;
      readonly attempt: number;
      readonly reason: RetryReason;
      readonly message: string;
    }
  | PageFinished
  /** Pages that the run found and did not come to the end of, some hundred each time; just before `run-finished`. */
  | { readonly type: 'pages-left'; readonly pages: readonly PageId[] }
  /** All pages of an archive have their outcome, and it was packed. */
  | {
      readonly type: 'archive-packed';
      /** Its path relative to the input root. */
      readonly archive: string;
      /** The packed archive, relative to the output root; its name, where it is beside that. */
      readonly output: string;
      /** Of its pages that are good. */
      readonly pages: number;
      readonly bytes: number;
      readonly seconds: number;
      /** Pages are missing: another run can complete it. */
      readonly incomplete?: true;
    }
  /** Something the user should know that is no failure: adopted files, other options, a believed GPU list. */
  | { readonly type: 'notice'; readonly level: 'info' | 'warn'; readonly text: string }
  | RunFinished;

/** One thing that happened in a run, `time` in ISO 8601. Reporters, log files and tests know a run by nothing else. */
export type RunEvent = Happening & { readonly time: string };

/** Where the stages of a run tell what happened. */
export type Emit = (happening: Happening) => void;
