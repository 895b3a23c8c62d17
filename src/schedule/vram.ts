import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';
import { Listeners } from './listeners.ts';
import type { Deal, MemoryOfPages, Schedule } from './strategy.ts';

/** Pages that go together, as large as the largest of them. */
interface Unit {
  readonly at: number;
  readonly pages: Page[];
  readonly size: number;
}

interface Taker {
  readonly room: number;
  /** What it has begun of a group. */
  unit: Unit | undefined;
}

/**
 * One queue by size: devices with much memory take from its large end, those with little from its small end, and none takes a page
 * that it has no room for as long as another one has. They meet where both are done.
 */
export class VramSchedule implements Schedule {
  readonly #deal: Deal;
  readonly #memory: MemoryOfPages;
  /** Largest first; of equal ones the first in natural order. */
  readonly #waiting: Unit[];
  readonly #takers = new Map<SlotId, Taker>();
  readonly #unitOf = new Map<PageId, Unit>();
  readonly #order = new Map<PageId, number>();
  readonly #changes = new Listeners();
  #pages = 0;

  constructor(deal: Deal, memory: MemoryOfPages) {
    const { pages, slots, groupOf } = deal;
    this.#deal = deal;
    this.#memory = memory;
    for (const [at, { id }] of pages.entries()) this.#order.set(id, at);
    this.#waiting = this.#unitsOf(pages, groupOf).sort(bySize);
    this.#pages = pages.length;
    for (const slot of slots) this.join(slot);
  }

  join(slot: Slot): void {
    this.#deal.costs.join(slot);
    const room = this.#memory.roomOf(slot) ?? Number.POSITIVE_INFINITY;
    if (!this.#takers.has(slot.id)) this.#takers.set(slot.id, { room, unit: undefined });
    this.#changes.tell();
  }

  retire(slot: SlotId): void {
    const unit = this.#takers.get(slot)?.unit;
    this.#takers.delete(slot);
    if (unit && unit.pages.length > 0) this.#putBack(unit);
    this.#changes.tell();
  }

  take(slot: SlotId): Page[] | undefined {
    const taker = this.#takers.get(slot);
    if (!taker) return undefined;
    if (!taker.unit || taker.unit.pages.length === 0) taker.unit = this.#next(taker);
    const page = taker.unit?.pages.shift();
    if (!page) return undefined;
    this.#pages -= 1;
    return [page];
  }

  takeAhead(slot: SlotId): Page | undefined {
    // Near the end the next one may be another's.
    const isOfItsGroup = (this.#takers.get(slot)?.unit?.pages.length ?? 0) > 0;
    return isOfItsGroup || this.#waiting.length > this.#takers.size ? this.take(slot)?.[0] : undefined;
  }

  takeFarOff(slot: SlotId, place: number): Page | undefined {
    const taker = this.#takers.get(slot);
    if (!taker) return undefined;
    if (taker.unit && taker.unit.pages.length > 0) this.#putBack(taker.unit);
    taker.unit = this.#pick(taker, Math.floor(place * this.#waiting.length));
    return this.take(slot)?.[0];
  }

  upcoming(most: number): readonly Page[] {
    const takers = [...this.#takers.values()];
    const pages = takers.flatMap(({ unit }) => unit?.pages ?? []);
    const waiting = [...this.#waiting];
    for (let at = 0, idle = 0; pages.length < most && idle < takers.length; at = (at + 1) % takers.length) {
      const taker = takers[at];
      const unit = taker && this.#next(taker, waiting);
      if (unit) pages.push(...unit.pages);
      idle = unit ? 0 : idle + 1;
    }
    return pages.slice(0, most);
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const held = this.#takers.get(slot)?.unit;
    for (const page of pages.toReversed()) {
      const unit = this.#unitOf.get(page.id);
      if (!unit) continue;
      const isWaiting = this.#waiting.includes(unit);
      unit.pages.unshift(page);
      unit.pages.sort((a, b) => (this.#order.get(a.id) ?? 0) - (this.#order.get(b.id) ?? 0));
      this.#pages += 1;
      if (unit !== held && !isWaiting) this.#putBack(unit);
    }
    if (pages.length > 0) this.#changes.tell();
  }

  finished(slot: SlotId, page: PageId, seconds?: number): void {
    if (seconds !== undefined) this.#deal.costs.worked(slot, page, seconds);
  }

  loaded(slot: SlotId, seconds: number): void {
    this.#deal.costs.loaded(slot, seconds);
  }

  onRecall(): void {}

  copy(costs: Costs): VramSchedule {
    const copy = new VramSchedule({ ...this.#deal, pages: [], slots: [], costs }, this.#memory);
    const copies = new Map<Unit, Unit>();
    const copyOf = (unit: Unit): Unit => {
      const known = copies.get(unit) ?? { ...unit, pages: [...unit.pages] };
      copies.set(unit, known);
      return known;
    };
    for (const [page, unit] of this.#unitOf) copy.#unitOf.set(page, copyOf(unit));
    for (const [page, at] of this.#order) copy.#order.set(page, at);
    for (const [slot, { room, unit }] of this.#takers)
      copy.#takers.set(slot, { room, unit: unit && copyOf(unit) });
    for (const unit of this.#waiting) copy.#waiting.push(copyOf(unit));
    copy.#pages = this.#pages;
    return copy;
  }

  onChange(listener: () => void): void {
    this.#changes.add(listener);
  }

  get waiting(): number {
    return this.#pages;
  }

  get complete(): boolean {
    return true;
  }

  /** From the end of the queue that suits the taker's memory among the others'. */
  #next(taker: Taker, waiting = this.#waiting): Unit | undefined {
    const rooms = [...new Set([...this.#takers.values()].map(({ room }) => room))].sort((a, b) => b - a);
    const rank = rooms.length > 1 ? rooms.indexOf(taker.room) / (rooms.length - 1) : 0;
    return this.#pick(taker, Math.round(rank * (waiting.length - 1)), waiting);
  }

  /** Takes the unit at that place out, or the next smaller one that fits. */
  #pick({ room }: Taker, place: number, waiting = this.#waiting): Unit | undefined {
    const most = Math.max(...[...this.#takers.values()].map((taker) => taker.room));
    const fits = (unit: Unit): boolean => room >= most || this.#needOf(unit) <= room;
    const at = waiting.findIndex((unit, index) => index >= place && fits(unit));
    return at === -1 ? undefined : waiting.splice(at, 1)[0];
  }

  #needOf({ pages }: Unit): number {
    return Math.max(...pages.map(({ id }) => this.#memory.needOf(id) ?? 0));
  }

  #putBack(unit: Unit): void {
    const taker = [...this.#takers.values()].find((one) => one.unit === unit);
    if (taker) taker.unit = undefined;
    const at = this.#waiting.findIndex((other) => bySize(unit, other) < 0);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, unit);
  }

  #unitsOf(pages: readonly Page[], groupOf: Deal['groupOf']): Unit[] {
    const groups = new Map<string, Page[]>();
    for (const page of pages) {
      const group = groupOf ? groupOf(page.id) : page.id;
      const found = groups.get(group);
      if (found) found.push(page);
      else groups.set(group, [page]);
    }
    return [...groups.values()].map((own, at) => {
      const unit = { at, pages: own, size: Math.max(...own.map(({ id }) => this.#deal.costs.sizeOf(id))) };
      for (const { id } of own) this.#unitOf.set(id, unit);
      return unit;
    });
  }
}

const bySize = (a: Unit, b: Unit): number => b.size - a.size || a.at - b.at;
