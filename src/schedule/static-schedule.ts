import type { Page, PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import type { Schedule } from './strategy.ts';

/**
 * A schedule whose shards are fixed beforehand. Only what a lost slot leaves behind, or gives back after its end, goes to
 * others: each takes a fair part of it, so that one does not take all while the rest stand idle.
 */
export class StaticSchedule implements Schedule {
  readonly complete = true;
  readonly #rank: ReadonlyMap<PageId, number>;
  readonly #shards: Map<SlotId, Page[]>;
  #leftover: Page[] = [];

  /** Each shard is handed out in the order it has here. */
  constructor(shards: ReadonlyMap<SlotId, readonly Page[]>) {
    this.#shards = new Map([...shards].map(([slot, pages]) => [slot, [...pages]]));
    const ranks = new Map<PageId, number>();
    for (const pages of shards.values()) for (const page of pages) ranks.set(page.id, ranks.size);
    this.#rank = ranks;
  }

  take(slot: SlotId, limit = Number.POSITIVE_INFINITY): Page[] | undefined {
    const shard = this.#shards.get(slot);
    if (shard && shard.length > 0) return shard.splice(0, limit);
    const share = Math.ceil(this.#leftover.length / Math.max(1, this.#shards.size));
    return share > 0 ? this.#leftover.splice(0, Math.min(share, limit)) : undefined;
  }

  /** Nobody else would take it. */
  takeAhead(slot: SlotId): Page | undefined {
    return this.#shards.get(slot)?.shift();
  }

  takeFarOff(slot: SlotId): Page | undefined {
    const shard = this.#shards.get(slot);
    const pages = shard && shard.length > 0 ? shard : this.#leftover;
    return pages.splice(Math.floor(pages.length / 2), 1)[0];
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const shard = this.#shards.get(slot);
    if (shard) this.#shards.set(slot, this.#merged(shard, pages));
    else this.#leftover = this.#merged(this.#leftover, pages);
  }

  retire(slot: SlotId): void {
    const shard = this.#shards.get(slot);
    if (!shard) return;
    this.#shards.delete(slot);
    this.#leftover = this.#merged(this.#leftover, shard);
  }

  /** Fixed beforehand: what is measured on the way changes nothing. */
  finished(): void {}
  loaded(): void {}

  get waiting(): number {
    let pages = this.#leftover.length;
    for (const shard of this.#shards.values()) pages += shard.length;
    return pages;
  }

  #merged(waiting: readonly Page[], back: readonly Page[]): Page[] {
    const rankOf = (page: Page): number => this.#rank.get(page.id) ?? 0;
    return [...back, ...waiting].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
