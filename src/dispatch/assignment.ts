import type { FailureReason } from '../model/outcome.ts';
import type { Page } from '../model/page.ts';

/** What a slot is to do next. */
export interface Assignment {
  readonly pages: readonly Page[];
  /** A page by itself: how it ends counts for the page. */
  readonly alone: boolean;
  /** Which try this is, from 1. */
  readonly attempt: number;
}

/** A page that failed, after so many tries. */
export interface Failed {
  readonly page: Page;
  readonly reason: FailureReason;
  readonly message: string;
  readonly attempts: number;
}

/** What follows from the end of a worker. */
export interface Decision {
  /** Pages that get no other try. */
  readonly failed: readonly Failed[];
  /** Pages that get another try, with the failure that they met. */
  readonly retried: readonly Failed[];
  readonly benched: readonly (number | null)[];
}

/** How a worker ended that had left pages undone. */
export interface LostWorker {
  /** It named no page and wrote no output. */
  readonly withoutSign: boolean;
  readonly lastWords: string;
}
