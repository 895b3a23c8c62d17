import type { PageId } from '../../model/page.ts';
import type { LoggedOutcome } from '../../translators/translator.ts';
import { withoutParticulars } from '../../workers/last-words.ts';

/** Failures in a row, and the last one's words. */
interface Streak {
  readonly count: number;
  readonly message: string;
}

/** Counts, while a program works, the pages in a row of which its log says that they failed with the same words. */
export class FailingStreak {
  readonly #outcomeOf: (page: PageId) => LoggedOutcome | undefined;
  /** Pages that it began with and has said nothing of, in order. */
  #open: PageId[] = [];
  #streak: Streak = { count: 0, message: '' };

  constructor(outcomeOf: (page: PageId) => LoggedOutcome | undefined) {
    this.#outcomeOf = outcomeOf;
  }

  started(page: PageId): void {
    this.#open.push(page);
  }

  /** The failures up to the last page that the log tells of. */
  get now(): Streak {
    const last = this.#open.findLastIndex((page) => this.#outcomeOf(page) !== undefined);
    for (const page of this.#open.splice(0, last + 1)) this.#add(this.#outcomeOf(page));
    return this.#streak;
  }

  #add(logged: LoggedOutcome | undefined): void {
    // A page that can't be read says nothing of the program.
    if (logged?.outcome === 'failed' && logged.reason === 'unreadable') return;
    if (logged?.outcome !== 'failed') {
      this.#streak = { count: 0, message: '' };
      return;
    }
    const { message } = logged;
    const isSame = withoutParticulars(message) === withoutParticulars(this.#streak.message);
    this.#streak = { count: isSame ? this.#streak.count + 1 : 1, message };
  }
}
