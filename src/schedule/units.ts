import type { Page } from '../model/page.ts';
import { placeNear } from './place-near.ts';
import type { Deal } from './strategy.ts';

/** So many pages a slot at the end go longest first: a long one that comes last keeps all others waiting. */
const TAIL_PAGES = 8;
/** Of groups fewer: a chapter out of order is a bigger surprise than a page. */
const TAIL_GROUPS = 2;

/** Of a sum of costs. */
const ROUNDING = 1e-9;

/** Pages that go together: one page, or what is left of a group. */
export interface Unit {
  /** Place in natural order. */
  readonly at: number;
  readonly group: string | undefined;
  pages: Page[];
  cost: number;
  taken: boolean;
}

type UnitsDeal = Pick<Deal, 'costs' | 'order' | 'groupOf'>;

/** The order in which units leave the queue: natural, but the last ones and very long ones longest first. */
export class Units {
  readonly #deal: UnitsDeal;
  readonly #units: Unit[] = [];
  #byLength: Unit[] | undefined;
  #nextInOrder = 0;
  #nextByLength = 0;
  #waiting = 0;
  #cost = 0;
  #pages = 0;
  #complete = false;

  constructor(deal: UnitsDeal) {
    this.#deal = deal;
  }

  /** Pages that nobody has taken, those of a group that a slot is at work on too. */
  get pages(): number {
    return this.#pages;
  }

  /** Units that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Cost of the units that wait. */
  get cost(): number {
    return this.#cost;
  }

  /** False while pages may still be added. */
  get complete(): boolean {
    return this.#complete;
  }

  /** More pages, behind those that are there. `isHeld`: a slot is at work on this group, which may still grow. */
  add(pages: readonly Page[], isHeld: (unit: Unit) => boolean): void {
    for (const page of pages) {
      const group = this.#deal.groupOf?.(page.id);
      const cost = this.#deal.costs.of(page.id);
      const last = this.#units.at(-1);
      const mayGrow = group !== undefined && last?.group === group && (!last.taken || isHeld(last));
      if (mayGrow) {
        last.pages.push(page);
        last.cost += cost;
      } else {
        this.#units.push({ at: this.#units.length, group, pages: [page], cost, taken: false });
        this.#waiting += 1;
      }
      this.#pages += 1;
      if (!mayGrow || !last.taken) this.#cost += cost;
    }
    this.#byLength = undefined;
  }

  close(): void {
    this.#complete = true;
  }

  /** True where more of this unit's pages may still be found. */
  mayGrow(unit: Unit): boolean {
    return !this.#complete && unit === this.#units.at(-1);
  }

  /** Costs are known better than before. */
  costsChanged(): void {
    this.#byLength = undefined;
    this.#cost = 0;
    for (const unit of this.#units) {
      unit.cost = this.#costOf(unit);
      if (!unit.taken) this.#cost += unit.cost;
    }
  }

  /** The unit that comes next where so many slots take. */
  next(takers: number): Unit | undefined {
    return this.#goesLongestFirst(takers)
      ? this.#longest()
      : (this.#tooLongToWait(takers) ?? this.#firstInOrder());
  }

  /** The units that wait, in about the order in which so many slots will take them. */
  *upcoming(takers: number): Generator<Unit> {
    if (this.#goesLongestFirst(takers)) {
      this.#longest();
      for (const unit of this.#byLength?.slice(this.#nextByLength) ?? []) if (!unit.taken) yield unit;
      return;
    }
    const first = this.#tooLongToWait(takers);
    if (first) yield first;
    for (let at = this.#nextInOrder; at < this.#units.length; at += 1) {
      const unit = this.#units[at];
      if (unit && !unit.taken && unit !== first) yield unit;
    }
  }

  /** A unit from about that place (0 to 1) of those that wait; one near it whose first page suits where there is one. */
  farOff(place: number, suits?: (page: Page) => boolean): Unit | undefined {
    const waiting = this.#units.filter((unit) => !unit.taken);
    const at = placeNear(waiting.length, place, (n) => {
      const page = waiting[n]?.pages[0];
      return page !== undefined && (!suits || suits(page));
    });
    return waiting[at];
  }

  /** A page from further on in the unit comes first, where no other unit waits that could be sampled instead. */
  bringForward(unit: Unit, place: number): void {
    if (this.#units.some((other) => other !== unit && !other.taken)) return;
    const [page] = unit.pages.splice(
      Math.min(unit.pages.length - 1, Math.floor(unit.pages.length * place)),
      1,
    );
    if (page) unit.pages.unshift(page);
  }

  /** All pages that nobody has taken, in natural order. */
  get waitingPages(): readonly Page[] {
    return this.#units.flatMap(({ pages }) => pages);
  }

  /** A unit whose pages somebody has: it stands before all that are added later. */
  addTaken(group: string | undefined): Unit {
    const unit: Unit = { at: this.#units.length, group, pages: [], cost: 0, taken: true };
    this.#units.push(unit);
    return unit;
  }

  /** The unit waits no longer. */
  take(unit: Unit): void {
    unit.taken = true;
    this.#waiting -= 1;
    this.#cost -= unit.cost;
  }

  /**
   * Takes units from all over what waits, in order, that come to about this cost; at least one where one waits. So the first
   * chapter comes first on every slot, and pages that fail one like the other are not all in one batch.
   */
  takeSpread(cost: number): readonly Unit[] {
    const share = Math.min(1, cost / this.#cost || 1);
    const waiting = this.#units.filter((unit) => !unit.taken);
    if (this.#deal.order === 'largest') waiting.sort((a, b) => b.cost - a.cost || a.at - b.at);
    const taken: Unit[] = [];
    let [due, got] = [0, 0];
    for (const unit of waiting) {
      due += unit.cost * share;
      // The nearest to its due that whole units allow.
      if (taken.length > 0 && got + unit.cost / 2 > due + ROUNDING * cost) continue;
      got += unit.cost;
      taken.push(unit);
      this.take(unit);
    }
    return taken;
  }

  /** The next page of a unit that was taken. */
  takePage(unit: Unit): Page | undefined {
    const page = unit.pages.shift();
    if (page) this.#pages -= 1;
    return page;
  }

  /** A page comes back to the front of its unit. */
  returnPage(unit: Unit, page: Page): void {
    unit.pages.unshift(page);
    this.#pages += 1;
  }

  /** The unit waits again, with the pages that it has now. */
  putBack(unit: Unit): void {
    if (unit.taken) {
      unit.taken = false;
      this.#waiting += 1;
    } else this.#cost -= unit.cost;
    unit.cost = this.#costOf(unit);
    this.#cost += unit.cost;
    this.#nextInOrder = Math.min(this.#nextInOrder, unit.at);
    this.#byLength = undefined;
  }

  readonly #costOf = ({ pages }: Unit): number =>
    pages.reduce((sum, page) => sum + this.#deal.costs.of(page.id), 0);

  #goesLongestFirst(takers: number): boolean {
    if (this.#deal.order === 'largest') return true;
    const tail = this.#deal.groupOf ? TAIL_GROUPS : TAIL_PAGES;
    return this.#complete && this.#waiting <= tail * takers;
  }

  #tooLongToWait(takers: number): Unit | undefined {
    if (!this.#complete) return undefined;
    const longest = this.#longest();
    return longest && longest.cost * takers >= this.#cost ? longest : undefined;
  }

  #firstInOrder(): Unit | undefined {
    while (this.#units[this.#nextInOrder]?.taken) this.#nextInOrder += 1;
    return this.#units[this.#nextInOrder];
  }

  #longest(): Unit | undefined {
    if (!this.#byLength) {
      this.#byLength = this.#units
        .filter((unit) => !unit.taken)
        .sort((a, b) => b.cost - a.cost || a.at - b.at);
      this.#nextByLength = 0;
    }
    while (this.#byLength[this.#nextByLength]?.taken) this.#nextByLength += 1;
    return this.#byLength[this.#nextByLength];
  }
}
