import type { FailureReason } from '../../src/model/outcome.ts';
import type { Slot } from '../../src/model/slot.ts';

/** What a page ends with in a process. */
export type Ended =
  | { readonly by: 'done' }
  | { readonly by: 'failed'; readonly reason: FailureReason; readonly message: string }
  /** The process is gone. */
  | { readonly by: 'lost'; readonly reason: FailureReason; readonly message: string }
  | { readonly by: 'busy'; readonly message: string; readonly retryAfterSeconds?: number };

/** One process of a simulated translator. */
export interface SimulatedProcess {
  readonly slot: Slot;
  /** Pages that it has answered. */
  answered: number;
  /** What every page ends with from now on. */
  broken?: Ended;
}

/** A page in the hands of a process. */
export interface Try {
  /** From 1. */
  readonly page: number;
  readonly gpu: number;
  readonly process: SimulatedProcess;
  /** How often it was handed over so far, this time included. */
  readonly times: number;
  /** Seconds since the run's start. */
  readonly seconds: number;
  /** Pages that were at work on the device meanwhile. */
  readonly beside: Set<number>;
  /** Other processes that are on the device. */
  readonly processesBeside: number;
}

/** A process that has loaded, or not. */
export interface Start {
  readonly slot: Slot;
  readonly gpu: number;
  /** Processes that are there on the device, loading or loaded. */
  readonly beside: number;
  /** Loads anywhere that this one overlapped. */
  readonly together: number;
  /** Seconds since the run's start. */
  readonly seconds: number;
}

/** How pages end; where it says nothing they are good. */
export type PageNature = (attempt: Try) => Ended | undefined;
/** The last words of a process that does not start; where it says nothing it starts. */
export type StartNature = (start: Start) => string | undefined;

export const failed = (message: string, reason: FailureReason = 'error'): Ended => ({
  by: 'failed',
  reason,
  message,
});
export const lost = (message: string, reason: FailureReason = 'crash'): Ended => ({
  by: 'lost',
  reason,
  message,
});
export const busy = (message: string, retryAfterSeconds?: number): Ended => ({
  by: 'busy',
  message,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

type Which = (page: number) => boolean;

/** Exactly these pages. */
export const only = (...pages: readonly number[]): Which => {
  const all = new Set(pages);
  return (page) => all.has(page);
};

/** So many of the pages, spread evenly over each ten and hundred. */
export const share = (percent: number): Which => {
  return (page) => Math.floor((page * percent) / 100) > Math.floor(((page - 1) * percent) / 100);
};

/** These pages fail in every process. */
export const bad =
  (which: Which, end: Ended | ((attempt: Try) => Ended)): PageNature =>
  (attempt) =>
    which(attempt.page) ? (typeof end === 'function' ? end(attempt) : end) : undefined;

/** These pages, and everything that their process has afterwards. */
export const breaks =
  (which: Which, end: Ended): PageNature =>
  ({ page, process }) => {
    if (!which(page)) return undefined;
    process.broken = end;
    return end;
  };

/** On these devices everything fails. */
export const blackHole =
  (gpus: readonly number[], end: Ended): PageNature =>
  ({ gpu }) =>
    gpus.includes(gpu) ? end : undefined;

/** The first of several that says something. */
export const firstOf =
  (...natures: readonly PageNature[]): PageNature =>
  (attempt) => {
    for (const nature of natures) {
      const end = nature(attempt);
      if (end) return end;
    }
    return undefined;
  };

/** No more processes than these fit on a device. */
export const holds =
  (workers: number, words = 'CUDA out of memory. Tried to allocate 20.00 MiB'): StartNature =>
  ({ beside }) =>
    beside >= workers ? words : undefined;
