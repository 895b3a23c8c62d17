import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';

interface Worker {
  /** It loaded its models and waits for pages; a child that is started for a batch never says so. */
  isReady: boolean;
  /** Begun and not over: two where the next one was sent ahead. */
  readonly pages: Set<PageId>;
}

/** Time in which at least one of a GPU's workers loaded or was on a page, from what is told of them in order. */
export class BusyTime {
  readonly #workers = new Map<SlotId, Worker>();
  #isBusy = false;
  #sinceMs = 0;
  #totalMs = 0;

  workerStarted(slot: SlotId, atMs: number): void {
    this.#workers.set(slot, { isReady: false, pages: new Set() });
    this.#look(atMs);
  }

  workerReady(slot: SlotId, atMs: number): void {
    const worker = this.#workers.get(slot);
    if (worker) worker.isReady = true;
    this.#look(atMs);
  }

  pageStarted(slot: SlotId, page: PageId, atMs: number): void {
    this.#workers.get(slot)?.pages.add(page);
    this.#look(atMs);
  }

  /** The page is over, or goes to another worker. A page without a slot may be on any. */
  pageEnded(slot: SlotId | undefined, page: PageId, atMs: number): void {
    if (slot !== undefined) this.#workers.get(slot)?.pages.delete(page);
    else for (const { pages } of this.#workers.values()) pages.delete(page);
    this.#look(atMs);
  }

  /** No more pages come: its worker waits for none and loads for none. The one that it is on is still work. */
  slotRetired(slot: SlotId, atMs: number): void {
    this.workerReady(slot, atMs);
  }

  /** Its pages went with it. */
  workerExited(slot: SlotId, atMs: number): void {
    this.#workers.delete(slot);
    this.#look(atMs);
  }

  seconds(nowMs: number): number {
    return (this.#totalMs + (this.#isBusy ? Math.max(0, nowMs - this.#sinceMs) : 0)) / 1000;
  }

  #look(atMs: number): void {
    let isBusy = false;
    for (const { isReady, pages } of this.#workers.values()) isBusy ||= !isReady || pages.size > 0;
    if (isBusy === this.#isBusy) return;
    // A clock may step back.
    if (isBusy) this.#sinceMs = atMs;
    else this.#totalMs += Math.max(0, atMs - this.#sinceMs);
    this.#isBusy = isBusy;
  }
}
