import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { batchCost, type Rival } from './batch-cost.ts';
import { Pace } from './pace.ts';
import type { Unit } from './units.ts';

/** A slot that takes pages. */
export interface Taker {
  readonly id: SlotId;
  /** Cost of what it has taken and not finished. */
  cost: number;
  /** The group that it works on. */
  unit: Unit | undefined;
}

/** The slots that take from one queue, how fast they are, and how much each should take at once. */
export class Takers {
  readonly pace: Pace;
  readonly #takers = new Map<SlotId, Taker>();

  constructor(costOf: (page: PageId) => number) {
    this.pace = new Pace(costOf);
  }

  get size(): number {
    return this.#takers.size;
  }

  /** A slot takes from now on; it may have pages from before, of this cost. */
  join(slot: SlotId, cost = 0): void {
    if (!this.#takers.has(slot)) this.#takers.set(slot, { id: slot, cost, unit: undefined });
  }

  retire(slot: SlotId): Taker | undefined {
    const taker = this.#takers.get(slot);
    this.#takers.delete(slot);
    return taker;
  }

  of(slot: SlotId): Taker | undefined {
    return this.#takers.get(slot);
  }

  /** The groups that slots are at work on. */
  get unitsAtWork(): readonly Unit[] {
    return [...this.#takers.values()].flatMap(({ unit }) => unit ?? []);
  }

  /** True for a group that a slot is at work on. */
  readonly isHeld = (unit: Unit): boolean =>
    unit.group !== undefined && [...this.#takers.values()].some((taker) => taker.unit === unit);

  /** Costs are known better than before: what a slot has taken costs so much now. */
  costsChanged(takenBy: (slot: SlotId) => number): void {
    for (const taker of this.#takers.values()) taker.cost = takenBy(taker.id);
    this.pace.costsChanged();
  }

  /** Cost of the batch that a one-shot worker of this slot should be given. */
  batchCost(taker: Taker, waiting: number): number {
    const pace = this.pace;
    const rivals: Rival[] = [];
    for (const { id, cost } of this.#takers.values()) {
      const speed = pace.speedOf(id);
      if (id !== taker.id) rivals.push({ speed, freeIn: speed > 0 ? cost / speed : 0 });
    }
    return batchCost({
      waiting,
      own: { freeIn: 0, speed: pace.speedOf(taker.id) },
      rivals,
      loadSeconds: pace.loadSeconds,
      seen: pace.knows(taker.id),
    });
  }

  /** True where the taker would be done with the next unit before all takers together are done with everything. */
  isReachedInTime(taker: Taker, next: Unit, waiting: number): boolean {
    let speedOfAll = 0;
    for (const { id } of this.#takers.values()) speedOfAll += this.pace.speedOf(id);
    const share = speedOfAll > 0 ? this.pace.speedOf(taker.id) / speedOfAll : 1 / this.#takers.size;
    return taker.cost + next.cost < waiting * share;
  }
}
