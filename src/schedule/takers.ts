import type { Slot, SlotId } from '../model/slot.ts';
import { batchCost, type Rival, worthRecalling } from './batch-cost.ts';
import type { Costs } from './costs.ts';
import type { Unit } from './units.ts';

/** A slot that takes pages. */
export interface Taker {
  readonly id: SlotId;
  /** Cost of what it has taken and not finished. */
  cost: number;
  /** How many pages that is. */
  pages: number;
  /** The group that it works on. */
  unit: Unit | undefined;
  /** A page of its batch was finished. */
  hasFinished: boolean;
  /** Its batch was recalled. */
  isRecalled: boolean;
}

/** A slot that asks for the first time, or one that is unknown here. */
export const newTaker = (id: SlotId, cost = 0): Taker => ({
  id,
  cost,
  pages: 0,
  unit: undefined,
  hasFinished: false,
  isRecalled: false,
});

/** The slots that take from one queue, and how much each should take at once. */
export class Takers {
  readonly #costs: Costs;
  readonly #takers = new Map<SlotId, Taker>();

  constructor(costs: Costs) {
    this.#costs = costs;
  }

  get size(): number {
    return this.#takers.size;
  }

  /** A slot takes from now on; it may have pages from before, of this cost. */
  join(slot: Slot, cost = 0): void {
    this.#costs.join(slot);
    if (!this.#takers.has(slot.id)) this.#takers.set(slot.id, newTaker(slot.id, cost));
  }

  /** One that takes already. */
  add(taker: Taker): void {
    this.#takers.set(taker.id, taker);
  }

  get all(): Iterable<Taker> {
    return this.#takers.values();
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
  }

  /** Cost of the batch that a one-shot worker of this slot should be given. */
  batchCost(taker: Taker, waiting: number): number {
    return batchCost({
      waiting,
      own: this.#rivalOf(taker),
      rivals: this.#rivalsOf(taker),
      loadSeconds: this.#costs.loadSecondsOn(taker.id) ?? 0,
    });
  }

  /** The slot whose batch is to be recalled for one that has nothing to do; undefined where all end sooner as they are. */
  toRecallFor(idle: Taker): Taker | undefined {
    const loadSeconds = this.#costs.loadSecondsOn(idle.id);
    if (loadSeconds === undefined || !this.#costs.knows(idle.id)) return undefined;
    let longest: { readonly taker: Taker; readonly rival: Rival } | undefined;
    for (const taker of this.#takers.values()) {
      // Until it has finished one, nobody knows that its pages can be told apart.
      if (taker.id === idle.id || taker.isRecalled || !taker.hasFinished) continue;
      const rival = this.#rivalOf(taker);
      if (!longest || rival.freeIn > longest.rival.freeIn) longest = { taker, rival };
    }
    if (!longest || longest.rival.freeIn <= loadSeconds) return undefined;
    // The page that it is at it ends: one like the others, as far as is known.
    const { taker, rival } = longest;
    const isWorth = worthRecalling({
      batch: { speed: rival.speed, cost: taker.cost, pageCost: taker.cost / Math.max(1, taker.pages) },
      own: this.#rivalOf(idle),
      rivals: this.#rivalsOf(idle).filter(({ id }) => id !== taker.id),
      loadSeconds,
    });
    return isWorth ? taker : undefined;
  }

  /** True where the taker would be done with the next unit before all takers together are done with everything. */
  isReachedInTime(taker: Taker, next: Unit, waiting: number): boolean {
    let speedOfAll = 0;
    for (const { id } of this.#takers.values()) speedOfAll += this.#costs.speedOf(id);
    const share = speedOfAll > 0 ? this.#costs.speedOf(taker.id) / speedOfAll : 1 / this.#takers.size;
    return taker.cost + next.cost < waiting * share;
  }

  #rivalOf({ id, cost }: Taker): Rival & { readonly id: SlotId } {
    const speed = this.#costs.speedOf(id);
    return { id, speed, freeIn: cost > 0 ? cost / speed : 0 };
  }

  #rivalsOf(taker: Taker): (Rival & { readonly id: SlotId })[] {
    return [...this.#takers.values()].flatMap((other) => (other.id === taker.id ? [] : this.#rivalOf(other)));
  }
}
