import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import { inTurn } from './in-turn.ts';
import { Listeners } from './listeners.ts';
import type { Deal, Schedule } from './strategy.ts';
import { type Taker, Takers } from './takers.ts';
import { type Unit, Units } from './units.ts';

/**
 * One queue: a slot takes the next page when it is free, so slow and lost GPUs correct themselves. Pages go in natural
 * order; the last ones go longest first, and one that is longer than a slot's share of what is left goes forward. A
 * one-shot worker takes a batch, which shrinks towards the end.
 */
export class DynamicSchedule implements Schedule {
  readonly #costOf: Deal['costOf'];
  readonly #batches: Deal['batches'];
  readonly #units: Units;
  readonly #takers: Takers;
  /** Where the pages stood that somebody has now, and who. */
  readonly #taken = new Map<PageId, { readonly unit: Unit; readonly slot: SlotId }>();
  readonly #changes = new Listeners();
  /** Slots that go once they are through with their group. */
  readonly #ending = new Set<SlotId>();

  constructor(deal: Omit<Deal, 'pages'>) {
    this.#costOf = deal.costOf;
    this.#batches = deal.batches;
    this.#units = new Units(deal);
    this.#takers = new Takers(deal.costOf);
    for (const { id } of deal.slots) this.#takers.join(id);
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

  /** Costs are known better than before. */
  costsChanged(): void {
    this.#units.costsChanged();
    this.#takers.costsChanged(this.#costTakenBy());
  }

  join({ id }: Slot): void {
    this.#takers.join(id, this.#costTakenBy()(id));
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
    const taker = this.#takers.of(slot) ?? { id: slot, cost: 0, unit: undefined };
    const wanted = limit > 1 ? this.#takers.batchCost(taker, this.#units.cost) : 0;
    const batch: Page[] = [];
    let cost = 0;
    const isMore = (): boolean =>
      this.#batches === 'folder' ? (taker.unit?.pages.length ?? 0) > 0 : cost < wanted;
    while (batch.length < limit && (batch.length === 0 || isMore())) {
      const page = this.#takePage(taker);
      if (!page) break;
      batch.push(page);
      cost += this.#costOf(page.id);
    }
    taker.cost += cost;
    // Who is retired comes back for no rest of a group.
    if (!this.#takers.of(slot) && taker.unit && taker.unit.pages.length > 0) this.#units.putBack(taker.unit);
    return batch.length > 0 ? batch : undefined;
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
      if (taker) taker.cost = Math.max(0, taker.cost - this.#costOf(page.id));
      this.#units.returnPage(unit, page);
      // Another slot has gone on with the group meanwhile: it finds the page there.
      if (!this.#takers.isHeld(unit)) this.#units.putBack(unit);
    }
    if (pages.length > 0) this.#changes.tell();
  }

  finished(slot: SlotId, page: PageId, seconds?: number): void {
    const taker = this.#takers.of(slot);
    if (taker && this.#taken.has(page)) taker.cost = Math.max(0, taker.cost - this.#costOf(page));
    this.#taken.delete(page);
    if (seconds !== undefined) this.#takers.pace.worked(slot, page, seconds);
  }

  loaded(_slot: SlotId, seconds: number): void {
    this.#takers.pace.loaded(seconds);
  }

  onChange(listener: () => void): void {
    this.#changes.add(listener);
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

  /** Cost of what each slot has taken and not finished. */
  #costTakenBy(): (slot: SlotId) => number {
    const costs = new Map<SlotId, number>();
    for (const [page, { slot }] of this.#taken) costs.set(slot, (costs.get(slot) ?? 0) + this.#costOf(page));
    return (slot) => costs.get(slot) ?? 0;
  }
}
