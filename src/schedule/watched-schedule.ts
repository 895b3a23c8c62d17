import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';
import type { InHand } from './simulate.ts';
import type { Schedule } from './strategy.ts';

/** From page to page a slot takes a little longer than its worker; what takes this much longer was no page's work. */
const MOST_TIMES = 1.5;
const MOST_MORE_SECONDS = 0.2;

interface Hand {
  pages: Page[];
  sinceMs: number;
  isLoaded: boolean;
}

/** A schedule, and what each of its slots has in hand: what a forecast of the rest begins with. */
export class WatchedSchedule implements Schedule {
  readonly #schedule: Schedule;
  readonly #nowMs: () => number;
  readonly #loadsForEach: boolean;
  readonly #slots: Map<SlotId, Slot>;
  readonly #hands = new Map<SlotId, Hand>();
  readonly #onFinished: () => void;
  /** Pages that were finished, well or not. */
  done = 0;

  constructor(
    schedule: Schedule,
    {
      slots,
      loadsForEach,
      onFinished,
      nowMs = () => performance.now(),
    }: {
      readonly slots: readonly Slot[];
      /** True where each batch loads again. */
      readonly loadsForEach: boolean;
      /** Told after each page. */
      readonly onFinished: () => void;
      readonly nowMs?: () => number;
    },
  ) {
    this.#schedule = schedule;
    this.#nowMs = nowMs;
    this.#loadsForEach = loadsForEach;
    this.#slots = new Map(slots.map((slot) => [slot.id, slot]));
    this.#onFinished = onFinished;
  }

  /** The slots that take. */
  get slots(): readonly Slot[] {
    return [...this.#slots.values()];
  }

  /** Pages that were not finished yet, those in hand among them. */
  get left(): number {
    let pages = this.#schedule.waiting;
    for (const hand of this.#hands.values()) pages += hand.pages.length;
    return pages;
  }

  /** What they have in hand now. */
  inHand(): ReadonlyMap<SlotId, InHand> {
    const nowMs = this.#nowMs();
    return new Map(
      [...this.#hands].map(([slot, { pages, sinceMs, isLoaded }]) => [
        slot,
        { pages: [...pages], forSeconds: Math.max(0, nowMs - sinceMs) / 1000, isLoaded },
      ]),
    );
  }

  take(slot: SlotId, limit?: number): Page[] | undefined {
    const pages = this.#schedule.take(slot, limit);
    if (pages) this.#got(slot, pages, { loads: this.#loadsForEach });
    return pages;
  }

  takeAhead(slot: SlotId): Page | undefined {
    const page = this.#schedule.takeAhead(slot);
    if (page) this.#got(slot, [page], { loads: false });
    return page;
  }

  takeFarOff(slot: SlotId, place: number, suits?: (page: Page) => boolean): Page | undefined {
    const page = this.#schedule.takeFarOff(slot, place, suits);
    if (page) this.#got(slot, [page], { loads: this.#loadsForEach });
    return page;
  }

  upcoming(most: number): readonly Page[] {
    return this.#schedule.upcoming(most);
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const hand = this.#hands.get(slot);
    const back = new Set(pages.map(({ id }) => id));
    if (hand) hand.pages = hand.pages.filter(({ id }) => !back.has(id));
    this.#schedule.giveBack(slot, pages);
  }

  join(slot: Slot): void {
    this.#slots.set(slot.id, slot);
    this.#schedule.join(slot);
  }

  retire(slot: SlotId): void {
    this.#slots.delete(slot);
    this.#schedule.retire(slot);
  }

  finished(slot: SlotId, page: PageId, seconds?: number): void {
    const hand = this.#hands.get(slot);
    const at = hand?.pages.findIndex(({ id }) => id === page) ?? -1;
    let took = seconds;
    if (hand && at !== -1) {
      const nowMs = this.#nowMs();
      took = seconds && this.#withHandling(hand, seconds, nowMs);
      hand.pages.splice(at, 1);
      hand.sinceMs = nowMs;
      hand.isLoaded = true;
      this.done += 1;
    }
    this.#schedule.finished(slot, page, took);
    this.#onFinished();
  }

  loaded(slot: SlotId, seconds: number): void {
    this.#schedule.loaded(slot, seconds);
  }

  onRecall(listener: (slot: SlotId) => void): void {
    this.#schedule.onRecall(listener);
  }

  onChange(listener: () => void): void {
    this.#schedule.onChange(listener);
  }

  copy(costs: Costs): Schedule {
    return this.#schedule.copy(costs);
  }

  get waiting(): number {
    return this.#schedule.waiting;
  }

  get complete(): boolean {
    return this.#schedule.complete;
  }

  /** Seconds from the end of the page before to the end of this one, where a worker stays loaded and had no pause. */
  #withHandling({ sinceMs, isLoaded }: Hand, seconds: number, nowMs: number): number {
    const all = (nowMs - sinceMs) / 1000;
    const isPage = all > seconds && all <= seconds * MOST_TIMES + MOST_MORE_SECONDS;
    return isLoaded && !this.#loadsForEach && isPage ? all : seconds;
  }

  #got(slot: SlotId, pages: readonly Page[], { loads }: { readonly loads: boolean }): void {
    const hand = this.#hands.get(slot) ?? { pages: [], sinceMs: 0, isLoaded: false };
    this.#hands.set(slot, hand);
    if (hand.pages.length === 0) hand.sinceMs = this.#nowMs();
    if (loads) hand.isLoaded = false;
    for (const page of pages) hand.pages.push(page);
  }
}
