import type { PageFinished } from '../model/events.ts';
import { logOfSlot } from '../store/runs.ts';
import { shorten } from './escape.ts';
import type { TroubledPage } from './summary-schema.ts';

const LISTED_PAGES = 1000;
const MESSAGE_CHARACTERS = 500;

/** Pages that ended alike: all are counted, the first thousand are listed. */
export class TroubleList {
  count = 0;
  readonly pages: TroubledPage[] = [];

  /** `run`: the one that had the page, where that is known. */
  add({ page, message, attempt, slot }: PageFinished, run?: string): void {
    this.count += 1;
    if (this.pages.length >= LISTED_PAGES) return;
    this.pages.push({
      page,
      attempts: attempt,
      ...(message !== undefined && { message: shorten(message, MESSAGE_CHARACTERS) }),
      ...(slot !== undefined && { slot }),
      ...(slot !== undefined && run !== undefined && { log: logOfSlot(run, slot) }),
    });
  }
}
