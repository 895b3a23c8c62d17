import type { Page } from '../model/page.ts';
import type { Slot } from '../model/slot.ts';
import type { Schedule } from './strategy.ts';

/** What one slot is expected to do. */
export interface Share {
  readonly slot: Slot;
  readonly pages: readonly Page[];
  /** Seconds from the run's start to its last page. */
  readonly seconds: number;
  /** Workers that were started, each of which loads the models. */
  readonly loads: number;
}

/** A schedule, and what is known of its pages. */
interface SimulateRequest {
  readonly schedule: Schedule;
  readonly slots: readonly Slot[];
  /** True where a worker stays loaded and takes page by page; else each batch loads again. */
  readonly pageByPage: boolean;
  /** Seconds, or any unit that is the same for all. */
  readonly costOf: (page: Page, slot: Slot) => number;
  /** Seconds of a load; 0 where missing. */
  readonly loadSeconds?: number;
}

/** A slot at work: what it was given, and the page of these that it is on; -1 while it loads. */
interface Taker {
  readonly slot: Slot;
  readonly pages: Page[];
  batch: readonly Page[];
  at: number;
  freeAt: number;
  seconds: number;
  loads: number;
}

/**
 * Runs a schedule dry without processes: whichever slot is free first asks for pages and is busy for as long as these cost.
 * With shards fixed beforehand that gives the shards, with a queue what each slot would come to take.
 */
export function simulate(request: SimulateRequest): Share[] {
  const takers: Taker[] = request.slots.map((slot) => ({
    slot,
    pages: [],
    batch: [],
    at: 0,
    freeAt: 0,
    seconds: 0,
    loads: 0,
  }));
  const atWork = new Set(takers);
  for (let taker = freeFirst(atWork); taker; taker = freeFirst(atWork)) {
    if (!goesOn(taker, request)) atWork.delete(taker);
  }
  return takers;
}

/** What comes next on the slot that is free: false where there is nothing more for it. */
function goesOn(taker: Taker, { schedule, pageByPage, costOf, loadSeconds = 0 }: SimulateRequest): boolean {
  const { slot } = taker;
  // Told page by page as in a run: the schedule weighs the next batch of others by it.
  const ended = taker.batch[taker.at];
  if (ended) schedule.finished(slot.id, ended.id, costOf(ended, slot));
  else if (taker.at === -1) schedule.loaded(slot.id, loadSeconds);
  taker.seconds = taker.freeAt;
  taker.at += 1;
  if (taker.at >= taker.batch.length) {
    taker.batch = schedule.take(slot.id, pageByPage ? 1 : undefined) ?? [];
    if (taker.batch.length === 0) return false;
    for (const page of taker.batch) taker.pages.push(page);
    taker.at = 0;
    if (!pageByPage || taker.loads === 0) {
      taker.loads += 1;
      taker.at = -1;
      taker.freeAt += loadSeconds;
      return true;
    }
  }
  const next = taker.batch[taker.at];
  if (next) taker.freeAt += costOf(next, slot);
  return true;
}

function freeFirst(takers: Iterable<Taker>): Taker | undefined {
  let first: Taker | undefined;
  for (const taker of takers) if (first === undefined || taker.freeAt < first.freeAt) first = taker;
  return first;
}
