import type { FailureReason } from '../model/outcome.ts';
import type { Page } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { BatchEvidence } from './suspects.ts';

/** What a slot is to do next. */
export type Assignment =
  | {
      readonly by: 'work';
      readonly slot: Slot;
      /** Never empty. */
      readonly pages: readonly Page[];
      /** A page by itself: how it ends counts for the page. */
      readonly alone: boolean;
      /** Which try this is, from 1; of several pages the first. */
      readonly attempt: number;
      /** No page of it would be tried again after an error: one that comes out untranslated is recorded as that. */
      readonly isLastTry: boolean;
      /** A fresh process has to do it: the slot's last one is not trusted. */
      readonly needsFresh: boolean;
    }
  /** A page needs the device for itself: the slot's worker ends, and the slot asks again. */
  | { readonly by: 'vacate'; readonly slot: Slot };

/** Pages that a slot works on. */
export type WorkAssignment = Extract<Assignment, { by: 'work' }>;

/** A page that a process told of as failed, or lost its life on. */
export interface PageFailure {
  readonly page: Page;
  readonly reason: FailureReason;
  readonly message: string;
  /** What the process said of it, where the message has more: failures of one cause are told alike. */
  readonly cause?: string;
  /** How many pages in a row the process has failed with this one; 0: no process had it. */
  readonly streak: number;
  /** The process had finished no page, and failed none but this one. */
  readonly isFresh: boolean;
  /** The launcher knows that the page itself is the cause: no other try would change it. */
  readonly isOwn?: boolean;
}

/** What is known of a page that is done. */
export interface DonePage {
  readonly seconds?: number | undefined;
  /** From its worker's start to its first page. */
  readonly loadSeconds?: number;
  /** The most device memory that its worker says it had. */
  readonly peakBytes?: number | undefined;
}

/** How a worker ended that had left pages undone. */
export interface LostWorker {
  /** It named no page and wrote no output. */
  readonly withoutSign: boolean;
  readonly lastWords: string;
  /** The last lines that it wrote, for a run's last message. */
  readonly lastLines: readonly string[];
  /** It stayed after SIGKILL: nobody can use its device. */
  readonly isStuck?: boolean;
  /** By its last words it found no room in memory. */
  readonly isOutOfMemory?: boolean;
  /** Its place is gone, through no fault of a page. */
  readonly isPlaceLost?: boolean;
}

/** Who was at work beside a worker that did not start. */
export interface Beside {
  /** Another worker of its device was there. */
  readonly ofDevice: boolean;
  /** Another worker was loading at the same time, on whatever device. */
  readonly loading: boolean;
}

/**
 * What became of an assignment, as one value. Each page of the assignment is told of exactly once: by `pageDone`, or here as
 * failed, remaining, or through the evidence.
 */
export type AttemptResult =
  /** The worker is as it was, or a child came to its end: all that is not done has been told of. */
  | { readonly by: 'ended'; readonly failed: readonly PageFailure[]; readonly remaining: readonly Page[] }
  /** The worker is gone, and pages were in its hands: `evidence` tells which, beyond those that failed. */
  | {
      readonly by: 'lost';
      readonly failed: readonly PageFailure[];
      readonly evidence: BatchEvidence;
      readonly lost: LostWorker;
    }
  /** A service refused the page for now. */
  | {
      readonly by: 'busy';
      readonly page: Page;
      readonly remaining: readonly Page[];
      readonly message: string;
      readonly retryAfterSeconds?: number | undefined;
    }
  /** It was stopped, or its pages never reached a worker. */
  | { readonly by: 'returned'; readonly remaining: readonly Page[]; readonly failed?: readonly PageFailure[] }
  /** The worker did not start. */
  | {
      readonly by: 'no-start';
      readonly remaining: readonly Page[];
      readonly lost: LostWorker;
      readonly beside: Beside;
      /** The page that was alone in its hands, as it failed: set where a program gets its pages with its start. */
      readonly alone?: PageFailure;
    };

/** A page that failed, after so many tries. */
export interface FailedPage {
  readonly page: Page;
  /** Missing where no worker had it. */
  readonly slot?: SlotId;
  readonly reason: FailureReason;
  readonly message: string;
  /** 0 where no process had it. */
  readonly attempts: number;
}

/** A page that comes again. */
export interface RetriedPage extends Omit<FailedPage, 'reason'> {
  readonly reason: FailureReason | 'busy';
}

/** Why nothing can go on, for the run's last message. */
export interface HopelessRun {
  readonly message: string;
  readonly hint?: string;
  readonly lines: readonly string[];
}

/** What follows from a result, to be carried out by the slot that told it. */
export interface Decision {
  /** Pages that get no other try: to be recorded. */
  readonly failed: readonly FailedPage[];
  /** Pages that get another try, with what they met; to be told. `busy`: a service refused them for now. */
  readonly retried: readonly RetriedPage[];
  /** Devices that get no more work. */
  readonly benched: readonly { readonly gpu: number | null; readonly why: string }[];
  /** Slots that get no more work, while their device goes on. */
  readonly retired: readonly { readonly slot: Slot; readonly why: string; readonly by?: 'packing' }[];
  /** The slot's process is not trusted any more: the next page gets a new one. */
  readonly replaceProcess: boolean;
  /** All slots wait for the service, for so long. */
  readonly waits?: { readonly seconds: number; readonly message: string } | undefined;
  /** Nothing can go well any more: the run ends with exit code 3. */
  readonly hopeless?: HopelessRun | undefined;
}

/** A decision that grows while its result is gone through. */
export interface OpenDecision {
  readonly failed: FailedPage[];
  readonly retried: RetriedPage[];
  readonly benched: { gpu: number | null; why: string }[];
  readonly retired: { slot: Slot; why: string }[];
  replaceProcess: boolean;
  waits?: Decision['waits'];
  hopeless?: HopelessRun | undefined;
}

export const openDecision = (): OpenDecision => ({
  failed: [],
  retried: [],
  benched: [],
  retired: [],
  replaceProcess: false,
});
