import type { Page } from '../model/page.ts';
import { gpuIndexOf, type Slot, type SlotId } from '../model/slot.ts';
import type { Schedule } from './strategy.ts';

/** What one slot is expected to do. */
export interface Share {
  readonly slot: Slot;
  readonly pages: readonly Page[];
  /** Seconds from the beginning until it goes on to each of them; 0 of one that it is at already. */
  readonly begins: readonly number[];
  /** Seconds from the beginning to its last page. */
  readonly seconds: number;
  /** Workers that were started, each of which loads the models. */
  readonly loads: number;
}

/** What a slot has in hand when the simulation begins. */
export interface InHand {
  /** In the order in which they come, the one at work first. */
  readonly pages: readonly Page[];
  /** Seconds since it went on to the first of them, or since its worker was started. */
  readonly forSeconds: number;
  /** Its worker is loaded. */
  readonly isLoaded: boolean;
}

/** A schedule, and what is known of its pages. */
export interface SimulateRequest {
  /** Played to its end: it is used up, and what it learns from is what was played. */
  readonly schedule: Schedule;
  readonly slots: readonly Slot[];
  /** True where a worker stays loaded and takes page by page; else each batch loads again. */
  readonly pageByPage: boolean;
  /** Seconds, or any unit that is the same for all. */
  readonly costOf: (page: Page, slot: Slot) => number;
  /** Seconds of a load; 0 where missing. */
  readonly loadSeconds?: number | ((slot: Slot) => number);
  /** Workers of a device load one after another, as warm ones do. */
  readonly loadsInTurn?: boolean;
  /** What slots have in hand already; none where missing. */
  readonly inHand?: ReadonlyMap<SlotId, InHand>;
}

/** A slot at work: what it was given, and the page of these that it is on; -1 while it loads. */
interface Taker {
  readonly slot: Slot;
  readonly pages: Page[];
  readonly begins: number[];
  batch: readonly Page[];
  at: number;
  freeAt: number;
  seconds: number;
  loads: number;
  isRecalled: boolean;
}

/**
 * Plays a schedule without processes: whichever slot is free first asks for pages and is busy for as long as these cost.
 * With shards fixed beforehand that gives the shards, with a queue what each slot would come to take.
 */
export function simulate(request: SimulateRequest): Share[] {
  return new Simulation(request).play();
}

class Simulation {
  readonly #request: SimulateRequest;
  readonly #takers: readonly Taker[];
  readonly #atWork: Set<Taker>;
  readonly #idle = new Set<Taker>();
  /** When the last load of each device ends. */
  readonly #loadedAt = new Map<number | null, number>();
  #hasChanged = false;

  constructor(request: SimulateRequest) {
    this.#request = request;
    this.#takers = request.slots.map((slot) => this.#atStart(slot));
    this.#atWork = new Set(this.#takers);
    request.schedule.onChange(() => {
      this.#hasChanged = true;
    });
    request.schedule.onRecall((id) => {
      for (const taker of this.#takers) if (taker.slot.id === id) taker.isRecalled = true;
    });
  }

  play(): Share[] {
    for (let taker = this.#freeFirst(); taker; taker = this.#freeFirst()) {
      if (this.#goOn(taker)) continue;
      this.#atWork.delete(taker);
      this.#idle.add(taker);
    }
    return [...this.#takers];
  }

  /** A slot as it is at the beginning. */
  #atStart(slot: Slot): Taker {
    const taker: Taker = {
      ...{ slot, pages: [], begins: [], batch: [], at: 0, freeAt: 0, seconds: 0, loads: 0 },
      isRecalled: false,
    };
    const held = this.#request.inHand?.get(slot.id);
    if (!held) return taker;
    if (held.isLoaded) taker.loads = 1;
    const [first] = held.pages;
    if (!first) return taker;
    taker.pages.push(...held.pages);
    taker.batch = held.pages;
    const left = held.isLoaded ? this.#request.costOf(first, slot) : this.#loadSecondsOf(slot);
    taker.freeAt = Math.max(0, left - held.forSeconds);
    if (held.isLoaded) {
      taker.begins.push(0);
      return taker;
    }
    taker.loads = 1;
    taker.at = -1;
    this.#loadedAt.set(gpuIndexOf(slot), taker.freeAt);
    return taker;
  }

  /** What comes next on the slot that is free: false where there is nothing more for it. */
  #goOn(taker: Taker): boolean {
    const { schedule, pageByPage, costOf } = this.#request;
    const { slot } = taker;
    // Told page by page as in a run: the schedule weighs the next batch of others by it.
    const ended = taker.batch[taker.at];
    if (ended) {
      schedule.finished(slot.id, ended.id, costOf(ended, slot));
      taker.seconds = taker.freeAt;
    } else if (taker.at === -1) schedule.loaded(slot.id, this.#loadSecondsOf(slot));
    taker.at += 1;
    if (taker.isRecalled) this.#giveBack(taker);
    if (taker.at >= taker.batch.length) {
      taker.batch = schedule.take(slot.id, pageByPage ? 1 : undefined) ?? [];
      taker.at = 0;
      this.#wakeIdle(taker.freeAt);
      if (taker.batch.length === 0) return false;
      for (const page of taker.batch) taker.pages.push(page);
      if (!pageByPage || taker.loads === 0) {
        this.#load(taker);
        return true;
      }
    }
    const next = taker.batch[taker.at];
    if (!next) return true;
    taker.begins.push(taker.freeAt);
    taker.freeAt += costOf(next, slot);
    return true;
  }

  #load(taker: Taker): void {
    const gpu = gpuIndexOf(taker.slot);
    const begins = this.#request.loadsInTurn
      ? Math.max(taker.freeAt, this.#loadedAt.get(gpu) ?? 0)
      : taker.freeAt;
    taker.loads += 1;
    taker.at = -1;
    taker.freeAt = begins + this.#loadSecondsOf(taker.slot);
    this.#loadedAt.set(gpu, taker.freeAt);
  }

  /** What the worker has not begun goes back, and the worker ends. */
  #giveBack(taker: Taker): void {
    taker.isRecalled = false;
    const rest = taker.batch.slice(taker.at);
    if (rest.length === 0) return;
    taker.pages.splice(taker.pages.length - rest.length);
    taker.batch = [];
    this.#request.schedule.giveBack(taker.slot.id, rest);
  }

  /** Pages have come back: who found nothing looks again. */
  #wakeIdle(now: number): void {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    for (const taker of this.#idle) {
      this.#idle.delete(taker);
      taker.freeAt = Math.max(taker.freeAt, now);
      this.#atWork.add(taker);
    }
  }

  #loadSecondsOf(slot: Slot): number {
    const { loadSeconds = 0 } = this.#request;
    return typeof loadSeconds === 'number' ? loadSeconds : loadSeconds(slot);
  }

  #freeFirst(): Taker | undefined {
    let first: Taker | undefined;
    for (const taker of this.#atWork) if (first === undefined || taker.freeAt < first.freeAt) first = taker;
    return first;
  }
}
