import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';

/** How much the newest page counts: cards slow down as they get warm, and pages differ. */
const WEIGHT_OF_NEWEST = 0.1;
/** Pages of a slot that are kept: older ones would weigh less than a hundredth. */
const KEPT_PAGES = 50;

interface TimedPage {
  readonly page: PageId;
  readonly seconds: number;
}

/**
 * What has been seen so far of how fast the slots work and how long a start takes. The pages are kept with their seconds: once
 * costs are counted in another unit, speeds in the old one mean nothing.
 */
export class Pace {
  readonly #costOf: (page: PageId) => number;
  readonly #timed = new Map<SlotId, TimedPage[]>();
  readonly #speeds = new Map<SlotId, number>();
  #loads = 0;
  #loadSeconds = 0;

  constructor(costOf: (page: PageId) => number) {
    this.#costOf = costOf;
  }

  /** A page took so long on this slot. */
  worked(slot: SlotId, page: PageId, seconds: number): void {
    if (seconds <= 0) return;
    const timed = this.#timed.get(slot) ?? [];
    this.#timed.set(slot, timed);
    timed.push({ page, seconds });
    if (timed.length > KEPT_PAGES) timed.shift();
    this.#speeds.set(slot, this.#withPage(this.#speeds.get(slot), { page, seconds }));
  }

  loaded(seconds: number): void {
    this.#loads += 1;
    this.#loadSeconds += seconds;
  }

  /** Costs are known better than before. */
  costsChanged(): void {
    for (const [slot, timed] of this.#timed) {
      let speed: number | undefined;
      for (const page of timed) speed = this.#withPage(speed, page);
      if (speed !== undefined) this.#speeds.set(slot, speed);
    }
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

  /** A speed with one more page in it. */
  #withPage(before: number | undefined, { page, seconds }: TimedPage): number {
    const speed = this.#costOf(page) / seconds;
    return before === undefined ? speed : before + (speed - before) * WEIGHT_OF_NEWEST;
  }
}
