import type { PageId } from '../model/page.ts';

/** So often a page may be refused while others pass. */
const MOST_REFUSALS = 3;
/** And so often where no other page is left, after all others passed. */
const MOST_REFUSALS_AT_LAST = 5;
/** So many others are answered before a refused page is asked about again, out of its turn. */
const ANSWERS_BETWEEN = 5;
/** Where more than one of so many others is refused too, the service refuses whoever comes. */
const ANSWERS_A_REFUSAL = 5;

interface Refusals {
  /** Refusals with another page answered since the one before. */
  times: number;
  /** All of them. */
  own: number;
  /** What had been answered and refused when it was refused first. */
  readonly answersBefore: number;
  readonly refusalsBefore: number;
  /** What had been answered when it was refused last. */
  answersLast: number;
}

/** Tells a page that a service never takes from a service that takes none, or few. Pure bookkeeping. */
export class RefusedPages {
  readonly #pages = new Map<PageId, Refusals>();
  #answers = 0;
  #refusals = 0;

  /** A page went well. */
  answered(page: PageId): void {
    this.#answers += 1;
    this.#pages.delete(page);
  }

  /** True where the page alone is refused: others pass before it, between and after. */
  refused(page: PageId): boolean {
    const known = this.#pages.get(page);
    const refusals = known ?? {
      times: 0,
      own: 0,
      answersBefore: this.#answers,
      refusalsBefore: this.#refusals,
      answersLast: -1,
    };
    this.#pages.set(page, refusals);
    this.#refusals += 1;
    refusals.own += 1;
    if (this.#answers > refusals.answersLast) refusals.times += 1;
    refusals.answersLast = this.#answers;
    const ofOthers = this.#refusals - refusals.refusalsBefore - refusals.own;
    const answers = this.#answers - refusals.answersBefore;
    if (refusals.times >= MOST_REFUSALS) return ofOthers * ANSWERS_A_REFUSAL <= answers;
    // The last page of a run has no others beside it any more.
    return refusals.times > 1 && refusals.own >= MOST_REFUSALS_AT_LAST && ofOthers === 0;
  }

  /** Pages that it is time to ask about again: enough others were answered since. */
  get due(): PageId[] {
    return [...this.#pages].flatMap(([page, { answersLast }]) =>
      this.#answers - answersLast >= ANSWERS_BETWEEN ? [page] : [],
    );
  }

  /** The page is done or has failed. */
  forget(page: PageId): void {
    this.#pages.delete(page);
  }
}
