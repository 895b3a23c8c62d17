import type { PageFinished } from '../model/events.ts';
import { shorten } from './escape.ts';
import type { TroubledPage } from './summary-schema.ts';

const LISTED_PAGES = 1000;
const MESSAGE_CHARACTERS = 500;

/** Pages that ended alike: all are counted, the first thousand are listed. */
export class TroubleList {
  count = 0;
  readonly pages: TroubledPage[] = [];

  add({ page, message, attempt, slot }: PageFinished): void {
    this.count += 1;
    if (this.pages.length >= LISTED_PAGES) return;
    this.pages.push({
      page,
      attempts: attempt,
      ...(message !== undefined && { message: shorten(message, MESSAGE_CHARACTERS) }),
      ...(slot !== undefined && { slot }),
    });
  }
}
