import type { SlotId } from '../model/slot.ts';

/** How much the newest page counts: cards slow down as they get warm, and pages differ. */
const WEIGHT_OF_NEWEST = 0.1;

/** What has been seen so far of how fast the slots work and how long a start takes. */
export class Pace {
  readonly #speeds = new Map<SlotId, number>();
  #loads = 0;
  #loadSeconds = 0;

  /** A page of this cost took so long on this slot. */
  worked(slot: SlotId, cost: number, seconds: number): void {
    if (seconds <= 0) return;
    const speed = cost / seconds;
    const before = this.#speeds.get(slot);
    this.#speeds.set(slot, before === undefined ? speed : before + (speed - before) * WEIGHT_OF_NEWEST);
  }

  loaded(seconds: number): void {
    this.#loads += 1;
    this.#loadSeconds += seconds;
  }

  /** Cost per second; of a slot that has shown nothing yet the average of the others, and 0 where none has. */
  speedOf(slot: SlotId): number {
    const own = this.#speeds.get(slot);
    if (own !== undefined || this.#speeds.size === 0) return own ?? 0;
    return [...this.#speeds.values()].reduce((sum, speed) => sum + speed, 0) / this.#speeds.size;
  }

  knows(slot: SlotId): boolean {
    return this.#speeds.has(slot);
  }

  /** Average seconds of a start; 0 where none has been seen. */
  get loadSeconds(): number {
    return this.#loads === 0 ? 0 : this.#loadSeconds / this.#loads;
  }
}
