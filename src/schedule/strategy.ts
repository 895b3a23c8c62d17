import type { Slot, SlotId } from '../gpus/gpu.ts';
import type { Page, PageId } from '../pages/page.ts';

/**
 * A strategy at work. Slots ask it for batches; a page handed out is the slot's until it is finished or given back. It
 * knows nothing of processes: who takes may be a child, a test or a simulation.
 */
export interface Schedule {
  /** The next batch for a slot, in order and never empty; undefined while there is nothing for it. */
  take(slot: SlotId, limit?: number): Page[] | undefined;
  /** Pages that a slot took and did not come to: they stand where they stood. */
  giveBack(slot: SlotId, pages: readonly Page[]): void;
  /** The slot takes no more: what was meant for it goes to whoever asks. */
  retire(slot: SlotId): void;
  /** Pages that nobody has taken. */
  readonly waiting: number;
}

/** What a strategy may know when it deals the pages. */
export interface Deal {
  /** In natural order. */
  readonly pages: readonly Page[];
  readonly slots: readonly Slot[];
  /** Predicted seconds, or any unit that is the same for all pages. */
  readonly costOf: (page: PageId) => number;
}
