import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';
import { inTurn } from './in-turn.ts';
import { Listeners } from './listeners.ts';
import { placeNear } from './place-near.ts';
import type { Deal, Schedule } from './strategy.ts';

/**
 * A schedule whose shards are fixed beforehand. What a lost slot leaves behind, or gives back after its end, goes to others:
 * each takes a fair part of it, so that one does not take all while the rest stand idle. A slot that joins later has no
 * shard: where nothing is left over, it takes the later half of the longest one that waits.
 */
export class StaticSchedule implements Schedule {
  readonly complete = true;
  readonly #rank: ReadonlyMap<PageId, number>;
  readonly #shards: Map<SlotId, Page[]>;
  readonly #joined = new Set<SlotId>();
  readonly #batching: Pick<Deal, 'batches' | 'groupOf'>;
  readonly #costs: Costs | undefined;
  readonly #changes = new Listeners();
  #leftover: Page[];

  /**
   * Each shard is handed out in the order it has here; `leftover` is for whoever asks, as where no slot is there yet. Batches
   * that are folders have pages of one group of `groupOf`.
   */
  constructor(
    shards: ReadonlyMap<SlotId, readonly Page[]>,
    leftover: readonly Page[] = [],
    { costs, ...batching }: Pick<Deal, 'batches' | 'groupOf'> & { readonly costs?: Costs } = {},
  ) {
    this.#batching = batching;
    this.#costs = costs;
    this.#leftover = [...leftover];
    this.#shards = new Map([...shards].map(([slot, pages]) => [slot, [...pages]]));
    const ranks = new Map<PageId, number>();
    for (const pages of [...shards.values(), leftover])
      for (const page of pages) ranks.set(page.id, ranks.size);
    this.#rank = ranks;
  }

  join(slot: Slot): void {
    const { id } = slot;
    this.#costs?.join(slot);
    if (this.#shards.has(id)) return;
    this.#shards.set(id, []);
    this.#joined.add(id);
  }

  take(slot: SlotId, limit = Number.POSITIVE_INFINITY): Page[] | undefined {
    const shard = this.#shards.get(slot);
    if (shard && shard.length > 0) return this.#batchFrom(shard, limit);
    const share = Math.ceil(this.#leftover.length / Math.max(1, this.#shards.size));
    if (share > 0) return this.#batchFrom(this.#leftover, Math.min(share, limit));
    if (!shard || !this.#joined.has(slot)) return undefined;
    shard.push(...this.#laterHalf());
    return shard.length > 0 ? this.#batchFrom(shard, limit) : undefined;
  }

  /** Takes the first pages out that may be one batch. */
  #batchFrom(pages: Page[], limit: number): Page[] {
    const { batches, groupOf } = this.#batching;
    if (batches === 'page') return pages.splice(0, 1);
    const [first] = pages;
    if (batches === undefined || !groupOf || !first) return pages.splice(0, limit);
    const group = groupOf(first.id);
    const end = pages.findIndex(({ id }) => groupOf(id) !== group);
    return pages.splice(0, Math.min(limit, end === -1 ? pages.length : end));
  }

  /** Nobody else would take it, but for one that joins. */
  takeAhead(slot: SlotId): Page | undefined {
    return this.#shards.get(slot)?.shift();
  }

  takeFarOff(slot: SlotId, place: number, suits?: (page: Page) => boolean): Page | undefined {
    const shard = this.#shards.get(slot);
    if (!shard) return undefined;
    const pages = [shard, this.#leftover].find(({ length }) => length > 0) ?? this.#longest();
    const at = placeNear(pages.length, place, (index) => {
      const page = pages[index];
      return page !== undefined && (!suits || suits(page));
    });
    return pages.splice(Math.max(0, at), 1)[0];
  }

  upcoming(most: number): readonly Page[] {
    const pages = inTurn([...this.#shards.values()], most);
    return [...pages, ...this.#leftover.slice(0, most - pages.length)];
  }

  giveBack(slot: SlotId, pages: readonly Page[]): void {
    const shard = this.#shards.get(slot);
    if (shard) this.#shards.set(slot, this.#merged(shard, pages));
    else this.#leftover = this.#merged(this.#leftover, pages);
    if (pages.length > 0) this.#changes.tell();
  }

  retire(slot: SlotId): void {
    const shard = this.#shards.get(slot);
    if (!shard) return;
    this.#shards.delete(slot);
    this.#joined.delete(slot);
    this.#leftover = this.#merged(this.#leftover, shard);
    this.#changes.tell();
  }

  /** Fixed beforehand: what is measured on the way changes nothing here. */
  finished(slot: SlotId, page: PageId, seconds?: number): void {
    if (seconds !== undefined) this.#costs?.worked(slot, page, seconds);
  }

  loaded(slot: SlotId, seconds: number): void {
    this.#costs?.loaded(slot, seconds);
  }

  onRecall(): void {}

  copy(costs: Costs): StaticSchedule {
    const copy = new StaticSchedule(this.#shards, this.#leftover, { ...this.#batching, costs });
    for (const slot of this.#joined) copy.#joined.add(slot);
    return copy;
  }

  onChange(listener: () => void): void {
    this.#changes.add(listener);
  }

  get waiting(): number {
    let pages = this.#leftover.length;
    for (const shard of this.#shards.values()) pages += shard.length;
    return pages;
  }

  /** Takes the later half out of the longest shard that waits. */
  #laterHalf(): Page[] {
    const longest = this.#longest();
    return longest.splice(Math.floor(longest.length / 2));
  }

  #longest(): Page[] {
    let longest: Page[] = [];
    for (const shard of this.#shards.values()) if (shard.length > longest.length) longest = shard;
    return longest;
  }

  #merged(waiting: readonly Page[], back: readonly Page[]): Page[] {
    const rankOf = (page: Page): number => this.#rank.get(page.id) ?? 0;
    return [...back, ...waiting].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
