import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';

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
  /**
   * One page from about that place (0: the first, 1: the last) of what waits, where pages fail one like the other; near it one
   * that suits, where there is one among the next few hundred.
   */
  takeFarOff(slot: SlotId, place: number, suits?: (page: Page) => boolean): Page | undefined;
  /** Pages that wait, `most` at the most, in about the order in which slots will take them. Takes none. */
  upcoming(most: number): readonly Page[];
  /** Pages that a slot took and did not come to: they stand where they stood. */
  giveBack(slot: SlotId, pages: readonly Page[]): void;
  /** A slot takes pages from now on. It is not idle while more pages wait than the others can begin. */
  join(slot: Slot): void;
  /** The slot takes no more: what was meant for it goes to whoever asks. */
  retire(slot: SlotId): void;
  /** A page that a slot took has its end there, after so many seconds where that is known. */
  finished(slot: SlotId, page: PageId, seconds?: number): void;
  /** A worker of the slot came to its first page so many seconds after its start. */
  loaded(slot: SlotId, seconds: number): void;
  /** The slot's batch is worth more elsewhere: what its worker has not begun of it is to be given back, where that is possible. */
  onRecall(listener: (slot: SlotId) => void): void;
  /** The schedule as it is now, to be played with these costs: what is taken there is not taken here, and no more is added. */
  copy(costs: Costs): Schedule;
  /** Told when pages were added or came back, and when no more will be: who found nothing may look again. */
  onChange(listener: () => void): void;
  /** Pages that nobody has taken. */
  readonly waiting: number;
  /** False while pages may still be added. */
  readonly complete: boolean;
}

/** What a one-shot worker is given at once: one page, or pages of one folder. */
export type Batches = 'page' | 'folder';

/** What a page needs of a device's memory, and what a device has of it, in bytes; undefined where nobody knows. */
export interface MemoryOfPages {
  readonly needOf: (page: PageId) => number | undefined;
  readonly roomOf: (slot: Slot) => number | undefined;
}

/** What a strategy may know when it deals the pages. */
export interface Deal {
  /** In natural order. */
  readonly pages: readonly Page[];
  readonly slots: readonly Slot[];
  /** What pages cost. The schedule tells it how long they took, and knows the slots' pace by it. */
  readonly costs: Costs;
  /** `natural` where missing. */
  readonly order?: 'natural' | 'largest';
  /** Pages of one group stay on one slot, in order; missing: each page is by itself. */
  readonly groupOf?: (page: PageId) => string;
  /** What a batch may be; missing: any pages. */
  readonly batches?: Batches | undefined;
  /** Workers stay loaded and take one page after the other. */
  readonly pageByPage?: boolean;
  /** Missing: a device has its total memory, and nobody knows what pages need. */
  readonly memory?: MemoryOfPages;
}
