import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';
import { inTurn } from './in-turn.ts';
import { Listeners } from './listeners.ts';
import type { Deal, Schedule } from './strategy.ts';
import { newTaker, type Taker, Takers } from './takers.ts';
import { type Unit, Units } from './units.ts';

/** A batch that has come so near its share is not worth one page more. */
const LEAST_SHARE = 1 - 1e-9;

/**
 * One queue: a slot takes the next page when it is free, so slow and lost GPUs correct themselves. Pages go in natural
 * order; the last ones go longest first, and one that is longer than a slot's share of what is left goes forward. A
 * one-shot worker takes a batch, which shrinks towards the end.
 */
export class DynamicSchedule implements Schedule {
  readonly #deal: Omit<Deal, 'pages'>;
  readonly #costs: Deal['costs'];
  readonly #batches: Deal['batches'];
  readonly #units: Units;
  readonly #takers: Takers;
  /** Where the pages stood that somebody has now, and who. */
  readonly #taken = new Map<PageId, { readonly unit: Unit; readonly slot: SlotId }>();
  readonly #changes = new Listeners();
  readonly #recalls: ((slot: SlotId) => void)[] = [];
  /** Slots that go once they are through with their group. */
  readonly #ending = new Set<SlotId>();

  constructor(deal: Omit<Deal, 'pages'>) {
    this.#deal = deal;
    this.#costs = deal.costs;
    this.#batches = deal.batches;
    this.#units = new Units(deal);
    this.#takers = new Takers(deal.costs);
    for (const slot of deal.slots) this.#takers.join(slot);
  }

  /** More pages, behind those that are there. */
  add(pages: readonly Page[]): void {
    this.#units.add(pages, this.#takers.isHeld);
    this.#changes.tell();
  }

  /** No more pages will be added. */
  close(): void {
    this.#units.close();
    this.#changes.tell();
  }

  /** Costs are counted anew. */
  costsChanged(): void {
    this.#units.costsChanged();
    this.#takers.costsChanged(this.#costTakenBy());
  }

  join(slot: Slot): void {
    this.#takers.join(slot, this.#costTakenBy()(slot.id));
  }

  retire(slot: SlotId): void {
    this.#ending.delete(slot);
    const taker = this.#takers.retire(slot);
    if (!taker) return;
    if (taker.unit && taker.unit.pages.length > 0) this.#units.putBack(taker.unit);
    this.#changes.tell();
  }

  take(slot: SlotId, most = Number.POSITIVE_INFINITY): Page[] | undefined {
    const limit = this.#batches === 'page' ? 1 : most;
    const taker = this.#takers.of(slot) ?? newTaker(slot);
    const wanted = limit > 1 ? this.#takers.batchCost(taker, this.#units.cost) : 0;
    const isSpread = limit === Number.POSITIVE_INFINITY && !this.#deal.groupOf;
    const batch: Page[] = isSpread ? this.#takeSpread(taker, wanted) : [];
    let cost = batch.reduce((sum, page) => sum + this.#costs.of(page.id), 0);
    const isMore = (): boolean =>
      this.#batches === 'folder' ? (taker.unit?.pages.length ?? 0) > 0 : cost < wanted * LEAST_SHARE;
    while (!isSpread && batch.length < limit && (batch.length === 0 || isMore())) {
      const page = this.#takePage(taker);
      if (!page) break;
      batch.push(page);
      cost += this.#costs.of(page.id);
    }
    if (limit > 1) Object.assign(taker, { hasFinished: false, isRecalled: false });
    taker.cost += cost;
    taker.pages += batch.length;
    // Who is retired comes back for no rest of a group.
    if (!this.#takers.of(slot) && taker.unit && taker.unit.pages.length > 0) this.#units.putBack(taker.unit);
    if (batch.length > 0) return batch;
    if (limit > 1 && this.complete) this.#recallFor(taker);
    return undefined;
  }

  takeAhead(slot: SlotId): Page | undefined {
    const taker = this.#takers.of(slot);
    if (!taker) return undefined;
    const isOfItsGroup = taker.unit !== undefined && taker.unit.pages.length > 0;
    const next = this.#units.next(this.#takers.size);
    const isInTime = next !== undefined && this.#takers.isReachedInTime(taker, next, this.#units.cost);
    return isOfItsGroup || isInTime ? this.take(slot, 1)?.[0] : undefined;
  }

  takeFarOff(slot: SlotId, place: number, suits?: (page: Page) => boolean): Page | undefined {
    const taker = this.#takers.of(slot);
    if (!taker) return undefined;
    // What it has begun of a group waits, too.
    if (taker.unit && taker.unit.pages.length > 0) this.#units.putBack(taker.unit);
    taker.unit = undefined;
    const unit = this.#units.farOff(place, suits);
    if (!unit) return undefined;
    this.#units.bringForward(unit, place);
    this.#units.take(unit);
    taker.unit = unit;
    return this.take(slot, 1)?.[0];
  }

  upcoming(most: number): readonly Page[] {
    const pages = inTurn(
      this.#takers.unitsAtWork.map((unit) => unit.pages),
      most,
    );
    for (const unit of this.#units.upcoming(this.#takers.size)) {
      if (pages.length >= most) break;
      for (const page of unit.pages.slice(0, most - pages.length)) pages.push(page);
    }
    return pages;
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const taker = this.#takers.of(slot);
    for (const page of pages.toReversed()) {
      const unit = this.#taken.get(page.id)?.unit;
      if (!unit) continue;
      this.#taken.delete(page.id);
      if (taker) this.#letGo(taker, page.id);
      this.#units.returnPage(unit, page);
      // Another slot has gone on with the group meanwhile: it finds the page there.
      if (!this.#takers.isHeld(unit)) this.#units.putBack(unit);
    }
    if (pages.length > 0) this.#changes.tell();
  }

  finished(slot: SlotId, page: PageId, seconds?: number): void {
    const taker = this.#takers.of(slot);
    if (taker && this.#taken.has(page)) this.#letGo(taker, page);
    this.#taken.delete(page);
    if (seconds === undefined) return;
    if (taker) taker.hasFinished = true;
    if (this.#costs.worked(slot, page, seconds)) this.costsChanged();
  }

  loaded(slot: SlotId, seconds: number): void {
    this.#costs.loaded(slot, seconds);
  }

  onRecall(listener: (slot: SlotId) => void): void {
    this.#recalls.push(listener);
  }

  onChange(listener: () => void): void {
    this.#changes.add(listener);
  }

  copy(costs: Costs): DynamicSchedule {
    const copy = new DynamicSchedule({ ...this.#deal, slots: [], costs });
    for (const [page, { unit, slot }] of this.#taken)
      copy.#taken.set(page, { unit: copy.#units.addTaken(unit.group), slot });
    copy.add(this.#units.waitingPages);
    copy.close();
    for (const slot of this.#ending) copy.#ending.add(slot);
    const takenBy = copy.#costTakenBy();
    for (const { id, pages, hasFinished, isRecalled } of this.#takers.all)
      copy.#takers.add({ ...newTaker(id, takenBy(id)), pages, hasFinished, isRecalled });
    return copy;
  }

  get waiting(): number {
    return this.#units.pages;
  }

  /** Pages or groups that nobody has begun. */
  get unitsWaiting(): number {
    return this.#units.waiting;
  }

  /** The slot begins no other group. */
  endAfterGroup(slot: SlotId): void {
    this.#ending.add(slot);
  }

  /** True where a slot has begun a group and not come to its end. */
  isMidGroup(slot: SlotId): boolean {
    const unit = this.#takers.of(slot)?.unit;
    return unit !== undefined && (unit.pages.length > 0 || this.#units.mayGrow(unit));
  }

  get complete(): boolean {
    return this.#units.complete;
  }

  #takePage(taker: Taker): Page | undefined {
    const isEmpty = !taker.unit || taker.unit.pages.length === 0;
    if (isEmpty && this.#ending.has(taker.id)) return undefined;
    // The rest of its group may not be found yet, and would go to another worker.
    if (isEmpty && taker.unit && this.#units.mayGrow(taker.unit)) return undefined;
    if (isEmpty) {
      taker.unit = this.#units.next(this.#takers.size);
      if (taker.unit) this.#units.take(taker.unit);
    }
    const { unit } = taker;
    const page = unit && this.#units.takePage(unit);
    if (!unit || !page) return undefined;
    this.#taken.set(page.id, { unit, slot: taker.id });
    if (unit.group === undefined) taker.unit = undefined;
    return page;
  }

  #takeSpread({ id }: Taker, cost: number): Page[] {
    return this.#units.takeSpread(cost).flatMap((unit) => {
      const page = this.#units.takePage(unit);
      if (page) this.#taken.set(page.id, { unit, slot: id });
      return page ?? [];
    });
  }

  #letGo(taker: Taker, page: PageId): void {
    taker.cost = Math.max(0, taker.cost - this.#costs.of(page));
    taker.pages = Math.max(0, taker.pages - 1);
    if (taker.pages === 0) taker.cost = 0;
  }

  /** What a slot has in hand that works longer than others is for all of them, where that pays. */
  #recallFor(idle: Taker): void {
    const slow = this.#recalls.length > 0 ? this.#takers.toRecallFor(idle) : undefined;
    if (!slow) return;
    slow.isRecalled = true;
    for (const listener of this.#recalls) listener(slow.id);
  }

  /** Cost of what each slot has taken and not finished. */
  #costTakenBy(): (slot: SlotId) => number {
    const costs = new Map<SlotId, number>();
    for (const [page, { slot }] of this.#taken)
      costs.set(slot, (costs.get(slot) ?? 0) + this.#costs.of(page));
    return (slot) => costs.get(slot) ?? 0;
  }
}
