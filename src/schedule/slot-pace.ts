import type { PageId } from '../model/page.ts';

/** Pages of a slot that are kept: cards slow down as they get warm, and are shared. */
const KEPT_PAGES = 50;
/** A page counts with at most so many times what it should have taken: a wait for something else is no pace. */
const MOST_TIMES = 10;

interface TimedPage {
  readonly page: PageId;
  readonly seconds: number;
  readonly cost: number;
}

/**
 * How fast one slot works, by its last pages. They are kept with their seconds: once costs are counted in another unit, sums
 * in the old one mean nothing.
 */
export class SlotPace {
  #timed: TimedPage[] = [];
  #seconds = 0;
  #cost = 0;

  /** A page of this cost took so long; `expected` is what it should have taken, where that is known. */
  worked(
    page: PageId,
    { seconds, cost, expected }: { seconds: number; cost: number; expected: number | undefined },
  ): void {
    const counted = expected === undefined ? seconds : Math.min(seconds, expected * MOST_TIMES);
    this.#timed.push({ page, seconds: counted, cost });
    this.#seconds += counted;
    this.#cost += cost;
    if (this.#timed.length <= KEPT_PAGES) return;
    const gone = this.#timed.shift();
    this.#seconds -= gone?.seconds ?? 0;
    this.#cost -= gone?.cost ?? 0;
  }

  /** Costs are known better than before. */
  renew(costOf: (page: PageId) => number): void {
    this.#timed = this.#timed.map(({ page, seconds }) => ({ page, seconds, cost: costOf(page) }));
    this.#cost = this.#timed.reduce((sum, { cost }) => sum + cost, 0);
  }

  /** Cost per second; undefined where no page was timed. */
  get speed(): number | undefined {
    return this.#seconds > 0 ? this.#cost / this.#seconds : undefined;
  }

  /** Its last pages with their seconds. */
  get timed(): readonly Pick<TimedPage, 'page' | 'seconds'>[] {
    return this.#timed;
  }

  /** One that goes on by itself from here. */
  copy(): SlotPace {
    const copy = new SlotPace();
    copy.#timed.push(...this.#timed);
    copy.#seconds = this.#seconds;
    copy.#cost = this.#cost;
    return copy;
  }
}
