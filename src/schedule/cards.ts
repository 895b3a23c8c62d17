import type { PageId } from '../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../model/slot.ts';

/** What a process takes of a card before its first tensor, which no allocator counts. */
export const CONTEXT_BYTES = 500_000_000;
/** A page that waits for room lets others pass for so many pages' time. */
const PATIENCE_PAGES = 2;
const WEIGHT_OF_NEWEST = 0.2;
/** Of a card's room: the least that a page needs which did not fit. */
const MORE_THAN_ROOM = 1.05;
/** Estimates of what this run's workers hold may be wrong by as much, before others are thought to hold it. */
const TOLERANCE_BYTES = 1_000_000_000;

/** Memory of one device, in bytes. */
export interface CardMemory {
  readonly gpu: number;
  /** What a run may use of it: what was free at its start, less what others took since, and no more than it was allowed. */
  readonly room: number;
  /** What workers hold now. */
  readonly held: number;
  /** What the pages at work are expected to take besides. */
  readonly reserved: number;
  readonly free: number;
}

/** What is known of the devices and the pages. */
export interface CardsSetup {
  /** Predicted peak of a page in bytes, with its models; undefined where nobody knows. */
  readonly peakOf: (page: PageId) => number | undefined;
  /** Hears what pages took, and of those that found no room more than there was. */
  readonly seen?: (page: PageId, bytes: number) => void;
  /** The most that a run may use of each card; missing: all of it. */
  readonly limitBytes?: number | undefined;
}

interface Worker {
  readonly gpu: number;
  /** Between two pages: by its own word, else no more than its smallest page took. */
  held: number;
  isTold: boolean;
  /** The page that it is on. */
  page: PageId | undefined;
  /** The one that it has in its pipe. */
  next: PageId | undefined;
}

interface Card {
  /** What others may hold, by the last sample: 0 as long as there is no more than at the start. */
  foreign: number;
  /** Milliseconds that a page takes; undefined before the first. */
  pageMs: number | undefined;
  /** Who waits for room, and since when. */
  waiting: { readonly slot: SlotId; readonly sinceMs: number } | undefined;
}

/** Memory of the devices: who holds what, and whether a page finds room beside those that are at work. From plain samples. */
export class Cards {
  readonly #setup: CardsSetup;
  readonly #cards = new Map<number, Card>();
  readonly #workers = new Map<SlotId, Worker>();

  constructor(setup: CardsSetup) {
    this.#setup = setup;
  }

  /** What a run may use of a slot's card; undefined on the CPU, and where no tool tells. */
  roomOf({ gpu }: Slot): number | undefined {
    const { limitBytes } = this.#setup;
    const free = gpu?.memoryFreeBytes ?? gpu?.memoryTotalBytes;
    if (gpu === null || (free === undefined && limitBytes === undefined)) return undefined;
    const room = Math.min(free ?? Number.POSITIVE_INFINITY, limitBytes ?? Number.POSITIVE_INFINITY);
    return Math.max(0, room - this.#card(gpu.index).foreign);
  }

  /** Predicted peak of a page on any card, with what its process needs besides; undefined where nobody knows. */
  needOf(page: PageId): number | undefined {
    const peak = this.#setup.peakOf(page);
    return peak === undefined ? undefined : peak + CONTEXT_BYTES;
  }

  /** The slot's worker holds so much of its card: by its own word, without a context. */
  holds(slot: Slot, bytes: number): void {
    const worker = this.#worker(slot);
    if (!worker) return;
    worker.held = bytes + CONTEXT_BYTES;
    worker.isTold = true;
  }

  /** The slot's worker is gone, and what it held is free. */
  gone({ id }: Slot): void {
    this.#workers.delete(id);
  }

  /**
   * All processes together use so much of a card: what is more than this run's can be is others'. Says nothing where a worker has
   * not told what it holds.
   */
  sampled({ gpu }: Slot, usedBytes: number): void {
    if (!gpu || gpu.memoryTotalBytes === undefined) return;
    const workers = [...this.#workers.values()].filter((worker) => worker.gpu === gpu.index);
    if (workers.some(({ held }) => held === 0)) return;
    const before = gpu.memoryTotalBytes - (gpu.memoryFreeBytes ?? gpu.memoryTotalBytes);
    const { held, reserved } = this.#useOf(gpu.index);
    const others = usedBytes - before - held - reserved;
    this.#card(gpu.index).foreign = others > TOLERANCE_BYTES ? others : 0;
  }

  /**
   * True where the page may start on the slot now: it fits beside those at work, nobody knows what it takes, or nothing else is at
   * work there. False: the slot waits for room, and after two pages' time no other starts on the card before it.
   */
  mayStart(slot: Slot, page: PageId, nowMs: number): boolean {
    const gpu = gpuIndexOf(slot);
    if (gpu === null) return true;
    if (this.#isBarred(slot.id, gpu, nowMs)) return false;
    if (!this.#isBesideOthers(slot) || this.#fits(slot, page)) return true;
    this.#card(gpu).waiting ??= { slot: slot.id, sinceMs: nowMs };
    return false;
  }

  /** True where the slot's page waits for room, and keeps others out or will. */
  isWaiting({ id, gpu }: Slot): boolean {
    return gpu !== null && this.#cards.get(gpu.index)?.waiting?.slot === id;
  }

  /** True where the slot's worker may be given this page ahead: it takes no more than the one that it is on, and nobody waits. */
  mayFollow({ id, gpu }: Slot, page: PageId, nowMs: number): boolean {
    if (gpu !== null && this.#isBarred(id, gpu.index, nowMs)) return false;
    const current = this.#workers.get(id)?.page;
    const now = current === undefined ? undefined : this.needOf(current);
    const next = this.needOf(page);
    return now === undefined || next === undefined || next <= now;
  }

  /** The slot's worker comes to this page as soon as it is done with the one that it is on. */
  follows({ id }: Slot, page: PageId): void {
    const worker = this.#workers.get(id);
    if (worker) worker.next = page;
  }

  /** The slot's worker is on the page from now on. */
  began(slot: Slot, page: PageId): void {
    const worker = this.#worker(slot);
    if (!worker) return;
    worker.page = page;
    worker.next = undefined;
    this.stopsWaiting(slot.id);
  }

  /** It no longer is. `bytes`: the peak that it told; `ms`: what the page took. */
  ended(
    slot: Slot,
    page: PageId,
    { bytes, ms }: { readonly bytes?: number | undefined; readonly ms?: number } = {},
  ): void {
    const worker = this.#workers.get(slot.id);
    if (!worker || worker.page !== page) return;
    worker.page = worker.next;
    worker.next = undefined;
    if (bytes !== undefined) {
      const least = bytes + CONTEXT_BYTES;
      if (!worker.isTold) worker.held = worker.held === 0 ? least : Math.min(worker.held, least);
      this.#setup.seen?.(page, bytes);
    }
    const card = this.#card(worker.gpu);
    if (ms !== undefined)
      card.pageMs = card.pageMs === undefined ? ms : card.pageMs + (ms - card.pageMs) * WEIGHT_OF_NEWEST;
  }

  /** The page found no room on the slot's card although nothing else was there: it needs more. */
  foundNoRoom(slot: Slot, page: PageId): void {
    const room = this.roomOf(slot);
    if (room !== undefined) this.#setup.seen?.(page, Math.max(0, room - CONTEXT_BYTES) * MORE_THAN_ROOM);
  }

  /** The slot has found something else, or takes no more. */
  stopsWaiting(slot: SlotId): void {
    for (const card of this.#cards.values()) if (card.waiting?.slot === slot) card.waiting = undefined;
  }

  /** Memory of a slot's card; undefined where no tool tells of it, or no worker has told what it holds. */
  memoryOf(slot: Slot): CardMemory | undefined {
    const gpu = gpuIndexOf(slot);
    const room = this.roomOf(slot);
    if (gpu === null || room === undefined) return undefined;
    const { held, reserved } = this.#useOf(gpu);
    if (held + reserved === 0) return undefined;
    return { gpu, room, held, reserved, free: Math.max(0, room - held - reserved) };
  }

  /** True where another slot of the card has waited for room for two pages' time. */
  #isBarred(slot: SlotId, gpu: number, nowMs: number): boolean {
    const { waiting, pageMs = Number.POSITIVE_INFINITY } = this.#card(gpu);
    return (
      waiting !== undefined && waiting.slot !== slot && nowMs - waiting.sinceMs >= pageMs * PATIENCE_PAGES
    );
  }

  #fits(slot: Slot, page: PageId): boolean {
    const room = this.roomOf(slot);
    const need = this.needOf(page);
    if (room === undefined || need === undefined || slot.gpu === null) return true;
    const { held, reserved } = this.#useOf(slot.gpu.index, slot.id);
    return held + reserved + Math.max(need, this.#workers.get(slot.id)?.held ?? 0) <= room;
  }

  /** What the workers of a card take, but for one. */
  #useOf(gpu: number, except?: SlotId): { readonly held: number; readonly reserved: number } {
    let held = 0;
    let reserved = 0;
    for (const [id, worker] of this.#workers) {
      if (worker.gpu !== gpu || id === except) continue;
      held += worker.held;
      const need = worker.page === undefined ? undefined : this.needOf(worker.page);
      reserved += Math.max(0, (need ?? 0) - worker.held);
    }
    return { held, reserved };
  }

  #isBesideOthers(slot: Slot): boolean {
    return [...this.#workers].some(
      ([id, { gpu, page }]) => id !== slot.id && gpu === gpuIndexOf(slot) && page !== undefined,
    );
  }

  #worker(slot: Slot): Worker | undefined {
    const gpu = gpuIndexOf(slot);
    if (gpu === null) return undefined;
    const known = this.#workers.get(slot.id);
    if (known) return known;
    const worker: Worker = { gpu, held: 0, isTold: false, page: undefined, next: undefined };
    this.#workers.set(slot.id, worker);
    return worker;
  }

  #card(gpu: number): Card {
    const known = this.#cards.get(gpu);
    if (known) return known;
    const card: Card = { foreign: 0, pageMs: undefined, waiting: undefined };
    this.#cards.set(gpu, card);
    return card;
  }
}
