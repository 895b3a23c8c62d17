import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';

/**
 * A strategy at work. Slots ask it for batches; a page handed out is the slot's until it is finished or given back. It
 * knows nothing of processes: who takes may be a child, a test or a simulation.
 */
export interface Schedule {
  /** The next batch for a slot, of `limit` pages at most, never empty; undefined while there is nothing for it. */
  take(slot: SlotId, limit?: number): Page[] | undefined;
  /**
   * One page for a slot to have ready while it works on another; undefined where it could still wait there when others have
   * nothing left.
   */
  takeAhead(slot: SlotId): Page | undefined;
  /** One page from the middle of what the slot would come to, where the pages before it fail one like the other. */
  takeFarOff(slot: SlotId): Page | undefined;
  /** Pages that a slot took and did not come to: they stand where they stood. */
  giveBack(slot: SlotId, pages: readonly Page[]): void;
  /** The slot takes no more: what was meant for it goes to whoever asks. */
  retire(slot: SlotId): void;
  /** A page that a slot took has its end there, after so many seconds where that is known. */
  finished(slot: SlotId, page: PageId, seconds?: number): void;
  /** A worker of the slot came to its first page so many seconds after its start. */
  loaded(slot: SlotId, seconds: number): void;
  /** Pages that nobody has taken. */
  readonly waiting: number;
  /** False while pages may still be added. */
  readonly complete: boolean;
}

/** What a strategy may know when it deals the pages. */
export interface Deal {
  /** In natural order. */
  readonly pages: readonly Page[];
  readonly slots: readonly Slot[];
  /** Predicted seconds, or any unit that is the same for all pages. May know more later than now. */
  readonly costOf: (page: PageId) => number;
  /** `natural` where missing. */
  readonly order?: 'natural' | 'largest';
  /** Pages of one group stay on one slot, in order; missing: each page is by itself. */
  readonly groupOf?: (page: PageId) => string;
}
