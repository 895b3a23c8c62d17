import type { PageId } from '../../model/page.ts';
import type { SlotId } from '../../model/slot.ts';

/** A device has to have so many pages in a half of a sample at least … */
const LEAST_PAGES = 8;
/** … and after so many the half is over, however much its pages differ. */
const MOST_PAGES = 25;

type Gpu = number | null;

interface TimedPage {
  readonly page: PageId;
  readonly seconds: number;
}

/**
 * Pages that devices of one model did while each had the same number of workers, and how long each page took. Where these say
 * too little, there is a second half, timed later: what changes as a run goes on is then in both of two samples.
 */
export class PageSample {
  /** Workers on each device. */
  readonly workers: number;
  readonly #costOf: (page: PageId) => number;
  readonly #pages = new Map<Gpu, Map<SlotId, TimedPage[]>>();
  /** Of each worker: pages of the half before. */
  readonly #earlier = new Map<Gpu, ReadonlyMap<SlotId, number>>();

  /** @param costOf predicted cost of a page; it may know more later than now */
  constructor(workers: number, costOf: (page: PageId) => number) {
    this.workers = workers;
    this.#costOf = costOf;
  }

  add(gpu: Gpu, slot: SlotId, timed: TimedPage): void {
    const ofDevice = this.#pages.get(gpu) ?? new Map<SlotId, TimedPage[]>();
    this.#pages.set(gpu, ofDevice);
    const ofSlot = ofDevice.get(slot) ?? [];
    ofDevice.set(slot, ofSlot);
    ofSlot.push(timed);
  }

  /** Of these devices: the second half begins. Pages of both halves count. */
  nextHalf(gpus: readonly Gpu[]): void {
    for (const gpu of gpus) {
      const ofSlots = [...(this.#pages.get(gpu) ?? [])];
      this.#earlier.set(gpu, new Map(ofSlots.map(([slot, pages]) => [slot, pages.length])));
    }
  }

  /** True where every worker of the device has done its share of the pages that a half needs. */
  hasEnough(gpu: Gpu): boolean {
    if (this.isFull(gpu)) return true;
    const each = Math.ceil(LEAST_PAGES / this.workers);
    return this.#countsOf(gpu).filter((count) => count >= each).length >= this.workers;
  }

  /** True where the half is over. */
  isFull(gpu: Gpu): boolean {
    return this.#countsOf(gpu).reduce((sum, count) => sum + count, 0) >= MOST_PAGES;
  }

  /** Cost a second of these devices together. */
  rate(gpus: readonly Gpu[]): number {
    return this.#rate(gpus, this.#costOf);
  }

  /** Pages a second of these devices together. */
  pagesASecond(gpus: readonly Gpu[]): number {
    return this.#rate(gpus, () => 1);
  }

  /** Standard error of the rate, as a share of it. */
  error(gpus: readonly Gpu[]): number {
    const ratios = gpus.flatMap((gpu) => {
      const each = this.#of(gpu).map(({ page, seconds }) => seconds / this.#costOf(page));
      const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
      return each.map((one) => one / mean);
    });
    if (ratios.length < 2) return Number.POSITIVE_INFINITY;
    const squares = ratios.reduce((sum, ratio) => sum + (ratio - 1) ** 2, 0);
    return Math.sqrt(squares / (ratios.length - 1) / ratios.length);
  }

  /** Worker by worker: one that had its pages sooner than the others weighs no more than they. */
  #rate(gpus: readonly Gpu[], costOf: (page: PageId) => number): number {
    let rate = 0;
    for (const gpu of gpus) {
      const ofSlots = [...(this.#pages.get(gpu)?.values() ?? [])];
      const rates = ofSlots.map((pages) => {
        const seconds = pages.reduce((sum, page) => sum + page.seconds, 0);
        return pages.reduce((sum, { page }) => sum + costOf(page), 0) / Math.max(seconds, Number.EPSILON);
      });
      const sum = rates.reduce((all, one) => all + one, 0);
      if (rates.length > 0) rate += (sum * this.workers) / rates.length;
    }
    return rate;
  }

  /** Pages of each worker in this half. */
  #countsOf(gpu: Gpu): number[] {
    const earlier = this.#earlier.get(gpu);
    const ofSlots = [...(this.#pages.get(gpu) ?? [])];
    return ofSlots.map(([slot, pages]) => pages.length - (earlier?.get(slot) ?? 0));
  }

  #of(gpu: Gpu): TimedPage[] {
    return [...(this.#pages.get(gpu)?.values() ?? [])].flat();
  }
}

/** What a number of workers brings compared with the one before: 0.9 is 90 % more a second. */
export interface Gain {
  readonly gain: number;
  /** Its standard error. */
  readonly error: number;
}

/** How much faster the devices were in one sample than in another. */
export function gainOf(before: PageSample, after: PageSample, gpus: readonly Gpu[]): Gain {
  const times = after.rate(gpus) / before.rate(gpus);
  return { gain: times - 1, error: times * Math.hypot(before.error(gpus), after.error(gpus)) };
}
