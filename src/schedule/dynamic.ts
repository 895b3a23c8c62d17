import type { Page, PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { batchCost, type Rival } from './batch-cost.ts';
import { Pace } from './pace.ts';
import type { Deal, Schedule } from './strategy.ts';

/** So many pages a slot at the end go longest first: a long one that comes last keeps all others waiting. */
const TAIL_PAGES = 8;
/** Of groups fewer: a chapter out of order is a bigger surprise than a page. */
const TAIL_GROUPS = 2;

/** Pages that go together: one page, or what is left of a group. */
interface Unit {
  /** Place in natural order. */
  readonly at: number;
  readonly group: string | undefined;
  pages: Page[];
  cost: number;
  taken: boolean;
}

/** A slot that takes pages. */
interface Taker {
  readonly id: SlotId;
  /** Cost of what it has taken and not finished. */
  cost: number;
  /** The group that it works on. */
  unit: Unit | undefined;
}

/**
 * One queue: a slot takes the next page when it is free, so slow and lost GPUs correct themselves. Pages go in natural
 * order; the last ones go longest first, and one that is longer than a slot's share of what is left goes forward. A
 * one-shot worker takes a batch, which shrinks towards the end.
 */
export class DynamicSchedule implements Schedule {
  readonly #deal: Omit<Deal, 'pages'>;
  readonly #pace = new Pace();
  readonly #takers: Map<SlotId, Taker>;
  readonly #units: Unit[] = [];
  /** Where the pages stood that somebody has now, and who. */
  readonly #taken = new Map<PageId, { readonly unit: Unit; readonly slot: SlotId }>();
  #byLength: Unit[] | undefined;
  #nextInOrder = 0;
  #nextByLength = 0;
  #waitingPages = 0;
  #waitingUnits = 0;
  #waitingCost = 0;
  #complete = false;

  constructor(deal: Omit<Deal, 'pages'>) {
    this.#deal = deal;
    this.#takers = new Map(deal.slots.map(({ id }) => [id, { id, cost: 0, unit: undefined }]));
  }

  /** More pages, behind those that are there. */
  add(pages: readonly Page[]): void {
    for (const page of pages) {
      const group = this.#deal.groupOf?.(page.id);
      const cost = this.#deal.costOf(page.id);
      const last = this.#units.at(-1);
      const growing = group !== undefined && last?.group === group && this.#mayGrow(last) ? last : undefined;
      if (growing) {
        growing.pages.push(page);
        growing.cost += cost;
      } else {
        this.#units.push({ at: this.#units.length, group, pages: [page], cost, taken: false });
        this.#waitingUnits += 1;
      }
      this.#waitingPages += 1;
      if (!growing?.taken) this.#waitingCost += cost;
    }
    this.#byLength = undefined;
  }

  /** No more pages will be added. */
  close(): void {
    this.#complete = true;
  }

  /** Costs are known better than before. */
  costsChanged(): void {
    this.#byLength = undefined;
    this.#waitingCost = 0;
    for (const unit of this.#units) {
      unit.cost = unit.pages.reduce((sum, page) => sum + this.#deal.costOf(page.id), 0);
      if (!unit.taken) this.#waitingCost += unit.cost;
    }
    for (const taker of this.#takers.values()) taker.cost = 0;
    for (const [page, { slot }] of this.#taken) {
      const taker = this.#takers.get(slot);
      if (taker) taker.cost += this.#deal.costOf(page);
    }
  }

  take(slot: SlotId, limit = Number.POSITIVE_INFINITY): Page[] | undefined {
    const taker = this.#takers.get(slot) ?? { id: slot, cost: 0, unit: undefined };
    const wanted = limit > 1 ? this.#batchCost(taker) : 0;
    const batch: Page[] = [];
    let cost = 0;
    while (batch.length < limit && (batch.length === 0 || cost < wanted)) {
      const page = this.#takePage(taker);
      if (!page) break;
      batch.push(page);
      cost += this.#deal.costOf(page.id);
    }
    taker.cost += cost;
    // Who is retired comes back for no rest of a group.
    if (!this.#takers.has(slot) && taker.unit && taker.unit.pages.length > 0) this.#putBack(taker.unit);
    return batch.length > 0 ? batch : undefined;
  }

  takeAhead(slot: SlotId): Page | undefined {
    const taker = this.#takers.get(slot);
    if (!taker) return undefined;
    const isOfItsGroup = taker.unit !== undefined && taker.unit.pages.length > 0;
    return isOfItsGroup || this.#isReachedInTime(taker) ? this.take(slot, 1)?.[0] : undefined;
  }

  takeFarOff(slot: SlotId): Page | undefined {
    const taker = this.#takers.get(slot);
    const waiting = this.#units.filter((unit) => !unit.taken);
    const unit = waiting[Math.floor(waiting.length / 2)];
    if (!taker || !unit) return undefined;
    if (taker.unit && taker.unit.pages.length > 0) this.#putBack(taker.unit);
    taker.unit = this.#takeUnit(unit);
    return this.take(slot, 1)?.[0];
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const taker = this.#takers.get(slot);
    for (const page of pages.toReversed()) {
      const unit = this.#taken.get(page.id)?.unit;
      if (!unit) continue;
      this.#taken.delete(page.id);
      if (taker) taker.cost = Math.max(0, taker.cost - this.#deal.costOf(page.id));
      this.#waitingPages += 1;
      unit.pages.unshift(page);
      // Another slot has gone on with the group meanwhile: it finds the page there.
      if (!this.#isHeld(unit)) this.#putBack(unit);
    }
  }

  retire(slot: SlotId): void {
    const unit = this.#takers.get(slot)?.unit;
    this.#takers.delete(slot);
    if (unit && unit.pages.length > 0) this.#putBack(unit);
  }

  finished(slot: SlotId, page: PageId, seconds?: number): void {
    const taker = this.#takers.get(slot);
    const cost = this.#deal.costOf(page);
    if (taker && this.#taken.has(page)) taker.cost = Math.max(0, taker.cost - cost);
    this.#taken.delete(page);
    if (seconds !== undefined) this.#pace.worked(slot, cost, seconds);
  }

  loaded(_slot: SlotId, seconds: number): void {
    this.#pace.loaded(seconds);
  }

  get waiting(): number {
    return this.#waitingPages;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** True where the taker would be done with the next pages before all hands together are done with everything. */
  #isReachedInTime(taker: Taker): boolean {
    const next = this.#nextUnit();
    if (!next) return false;
    let speedOfAll = 0;
    for (const { id } of this.#takers.values()) speedOfAll += this.#pace.speedOf(id);
    const share = speedOfAll > 0 ? this.#pace.speedOf(taker.id) / speedOfAll : 1 / this.#takers.size;
    return taker.cost + next.cost < this.#waitingCost * share;
  }

  #batchCost(taker: Taker): number {
    const pace = this.#pace;
    const rivals: Rival[] = [];
    for (const { id, cost } of this.#takers.values()) {
      const speed = pace.speedOf(id);
      if (id !== taker.id) rivals.push({ speed, freeIn: speed > 0 ? cost / speed : 0 });
    }
    return batchCost({
      waiting: this.#waitingCost,
      own: { freeIn: 0, speed: pace.speedOf(taker.id) },
      rivals,
      loadSeconds: pace.loadSeconds,
      seen: pace.knows(taker.id),
    });
  }

  #takePage(taker: Taker): Page | undefined {
    const isEmpty = !taker.unit || taker.unit.pages.length === 0;
    // The rest of its group may not be found yet, and would go to another worker.
    if (isEmpty && taker.unit && !this.#complete && taker.unit === this.#units.at(-1)) return undefined;
    if (isEmpty) taker.unit = this.#takeUnit(this.#nextUnit());
    const { unit } = taker;
    const page = unit?.pages.shift();
    if (!unit || !page) return undefined;
    this.#taken.set(page.id, { unit, slot: taker.id });
    this.#waitingPages -= 1;
    if (unit.group === undefined) taker.unit = undefined;
    return page;
  }

  /** True for a group that waits, or that a slot is still at work on. */
  #mayGrow(unit: Unit): boolean {
    return !unit.taken || [...this.#takers.values()].some((taker) => taker.unit === unit);
  }

  #takeUnit(unit: Unit | undefined): Unit | undefined {
    if (!unit) return undefined;
    unit.taken = true;
    this.#waitingUnits -= 1;
    this.#waitingCost -= unit.cost;
    return unit;
  }

  #nextUnit(): Unit | undefined {
    return this.#goesLongestFirst() ? this.#longest() : (this.#tooLongToWait() ?? this.#firstInOrder());
  }

  #goesLongestFirst(): boolean {
    if (this.#deal.order === 'largest') return true;
    const tail = this.#deal.groupOf ? TAIL_GROUPS : TAIL_PAGES;
    return this.#complete && this.#waitingUnits <= tail * this.#takers.size;
  }

  #tooLongToWait(): Unit | undefined {
    if (!this.#complete) return undefined;
    const longest = this.#longest();
    return longest && longest.cost * this.#takers.size >= this.#waitingCost ? longest : undefined;
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

  #putBack(unit: Unit): void {
    if (unit.taken) {
      unit.taken = false;
      this.#waitingUnits += 1;
    } else this.#waitingCost -= unit.cost;
    unit.cost = unit.pages.reduce((sum, page) => sum + this.#deal.costOf(page.id), 0);
    this.#waitingCost += unit.cost;
    this.#nextInOrder = Math.min(this.#nextInOrder, unit.at);
    this.#byLength = undefined;
  }

  #isHeld(unit: Unit): boolean {
    return unit.group !== undefined && [...this.#takers.values()].some((taker) => taker.unit === unit);
  }
}
