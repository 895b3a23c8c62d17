import type { Slot, SlotId } from '../gpus/gpu.ts';
import type { Page } from '../pages/page.ts';
import type { Schedule } from '../schedule/strategy.ts';

/** What one slot is expected to do. */
export interface Share {
  readonly slot: Slot;
  readonly pages: readonly Page[];
}

/** A schedule, and what is known of its pages. */
export interface ShareOutRequest {
  readonly schedule: Schedule;
  readonly slots: readonly Slot[];
  /** Pages that a worker takes at one time; missing: as many as the schedule gives. */
  readonly pagesAtOnce?: number | undefined;
  /** Seconds, or any unit that is the same for all. */
  readonly costOf: (page: Page, slot: SlotId) => number;
}

/**
 * Runs a schedule dry: whichever slot is free first asks for pages and is busy for as long as these cost. With shards
 * fixed beforehand that gives the shards, with a queue what each slot would come to take.
 */
export function shareOut({ schedule, slots, pagesAtOnce, costOf }: ShareOutRequest): Share[] {
  const shares = slots.map((slot) => ({ slot, pages: [] as Page[], inHand: [] as Page[], freeAt: 0 }));
  const asking = new Set(shares);
  while (asking.size > 0) {
    let next: (typeof shares)[number] | undefined;
    for (const share of asking) if (next === undefined || share.freeAt < next.freeAt) next = share;
    if (next === undefined) break;
    const { id } = next.slot;
    for (const page of next.inHand) schedule.finished(id, page.id, costOf(page, id));
    next.inHand = schedule.take(id, pagesAtOnce) ?? [];
    if (next.inHand.length === 0) asking.delete(next);
    for (const page of next.inHand) {
      next.pages.push(page);
      next.freeAt += costOf(page, id);
    }
  }
  return shares;
}
