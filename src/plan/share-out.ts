import type { Page } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Schedule } from '../schedule/strategy.ts';

/** What one slot is expected to do. */
export interface Share {
  readonly slot: Slot;
  readonly pages: readonly Page[];
}

/** A schedule, and what is known of its pages. */
interface ShareOutRequest {
  readonly schedule: Schedule;
  readonly slots: readonly Slot[];
  /** Pages that a worker takes at one time; missing: as many as the schedule gives. */
  readonly pagesAtOnce?: number | undefined;
  /** Seconds, or any unit that is the same for all. */
  readonly costOf: (page: Page, slot: SlotId) => number;
}

/** A slot at work: what it was given, and the page of these that it is on. */
interface Hand {
  readonly slot: Slot;
  readonly pages: Page[];
  batch: readonly Page[];
  at: number;
  freeAt: number;
}

/**
 * Runs a schedule dry: whichever slot is free first asks for pages and is busy for as long as these cost. With shards
 * fixed beforehand that gives the shards, with a queue what each slot would come to take.
 */
export function shareOut({ schedule, slots, pagesAtOnce, costOf }: ShareOutRequest): Share[] {
  const hands: Hand[] = slots.map((slot) => ({ slot, pages: [], batch: [], at: 0, freeAt: 0 }));
  const atWork = new Set(hands);
  for (let hand = freeFirst(atWork); hand; hand = freeFirst(atWork)) {
    const { id } = hand.slot;
    // Told page by page as in a run: the schedule weighs the next batch of others by it.
    const ended = hand.batch[hand.at];
    if (ended) schedule.finished(id, ended.id, costOf(ended, id));
    hand.at += 1;
    if (hand.at >= hand.batch.length) {
      hand.batch = schedule.take(id, pagesAtOnce) ?? [];
      hand.at = 0;
      for (const page of hand.batch) hand.pages.push(page);
    }
    const next = hand.batch[hand.at];
    if (next) hand.freeAt += costOf(next, id);
    else atWork.delete(hand);
  }
  return hands;
}

function freeFirst(hands: Iterable<Hand>): Hand | undefined {
  let first: Hand | undefined;
  for (const hand of hands) if (first === undefined || hand.freeAt < first.freeAt) first = hand;
  return first;
}
