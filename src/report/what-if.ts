import type { StrategyName } from '../model/run-options.ts';
import type { SlotId } from '../model/slot.ts';
import { Costs } from '../schedule/costs.ts';
import { secondsOf } from '../schedule/forecast.ts';
import { makeSchedule } from '../schedule/make-schedule.ts';
import { simulate } from '../schedule/simulate.ts';

/** Below these a saving is noise, and nothing is said. */
const LEAST_SHARE = 0.02;
const LEAST_SECONDS = 1;

/** Measured seconds of a run's pages and where each ran: six bytes a page. */
export class PageTimes {
  length = 0;
  readonly slots: SlotId[] = [];
  #seconds = new Float32Array(1024);
  #slotOf = new Uint16Array(1024);

  add(slot: SlotId, seconds: number): void {
    if (this.length === this.#seconds.length) this.#grow();
    let index = this.slots.indexOf(slot);
    if (index === -1) index = this.slots.push(slot) - 1;
    this.#seconds[this.length] = seconds;
    this.#slotOf[this.length] = index;
    this.length += 1;
  }

  /** Seconds of the n-th page, and the place of its slot in `slots`. */
  at(n: number): { seconds: number; slot: number } {
    return { seconds: this.#seconds[n] ?? 0, slot: this.#slotOf[n] ?? 0 };
  }

  #grow(): void {
    const [seconds, slotOf] = [this.#seconds, this.#slotOf];
    this.#seconds = new Float32Array(seconds.length * 2);
    this.#seconds.set(seconds);
    this.#slotOf = new Uint16Array(slotOf.length * 2);
    this.#slotOf.set(slotOf);
  }
}

/** What is known of a run that ended. */
interface MeasuredRun {
  readonly strategy: string;
  readonly times: PageTimes;
  /** A slot's kind of card: those of one kind are taken to be equally fast, so that a saving is not overstated. */
  readonly kindOf: (slot: SlotId) => string;
  /** Seconds from a worker's start until it took its first page; undefined where no load was measured. */
  readonly loadSeconds: number | undefined;
  /** True where a worker stays loaded from page to page; else each batch loads again. */
  readonly warm: boolean;
}

/** A strategy that would have been faster, and by how much. */
interface Saving {
  readonly strategy: StrategyName;
  readonly seconds: number;
}

/**
 * What another strategy would have saved; undefined where it is next to nothing. Both are played with the pages' measured
 * seconds, so that what failed tries took is in neither.
 */
export function whatOtherSaves(run: MeasuredRun): Saving | undefined {
  const { times, strategy, loadSeconds, warm } = run;
  // Where loads are not known, the other strategy would be played without any.
  if (times.slots.length < 2 || loadSeconds === undefined || strategy === '') return undefined;
  const isQueue = strategy === 'dynamic';
  // Nothing is faster than a queue of pages for workers that stay loaded.
  if (isQueue && warm) return undefined;
  const took = isQueue ? spanOf('dynamic', run, loadSeconds) : spanOfShards(run, loadSeconds);
  const other = isQueue ? 'even' : 'dynamic';
  const saved = took - spanOf(other, run, loadSeconds);
  const isWorth = saved >= LEAST_SECONDS && saved >= took * LEAST_SHARE;
  return isWorth ? { strategy: other, seconds: saved } : undefined;
}

/** Seconds of the shards as they were: what each slot's pages took there, and one load. */
function spanOfShards({ times }: MeasuredRun, loadSeconds: number): number {
  const bySlot = times.slots.map(() => loadSeconds);
  for (let n = 0; n < times.length; n += 1) {
    const { seconds, slot } = times.at(n);
    bySlot[slot] = (bySlot[slot] ?? 0) + seconds;
  }
  return Math.max(...bySlot);
}

/**
 * Seconds of the run with a strategy: the program's own schedule, played with the pages' measured seconds. What pages cost by
 * their size is not known here, so to the schedule all are alike.
 */
function spanOf(strategy: StrategyName, { times, kindOf, warm }: MeasuredRun, loadSeconds: number): number {
  const speeds = new Map(slotSpeeds(times, kindOf).map((speed, at) => [times.slots[at] ?? '', speed]));
  const slots = times.slots.map((id) => ({ id, gpu: null }));
  const pages = Array.from({ length: times.length }, (_, n) => ({ id: String(n), path: '' }));
  const shares = simulate({
    schedule: makeSchedule(strategy, { pages, slots, costs: new Costs() }),
    slots,
    pageByPage: warm,
    costOf: ({ id }, slot) => {
      const page = times.at(Number(id));
      const speedThere = speeds.get(times.slots[page.slot] ?? '') ?? 1;
      return (page.seconds * speedThere) / (speeds.get(slot.id) ?? 1);
    },
    loadSeconds,
  });
  return secondsOf(shares);
}

/** Pages a second of each slot's kind of card, all pages taken to be alike. */
function slotSpeeds(times: PageTimes, kindOf: (slot: SlotId) => string): number[] {
  const sums = new Map<string, { pages: number; seconds: number }>();
  const kinds = times.slots.map(kindOf);
  for (let n = 0; n < times.length; n += 1) {
    const { seconds, slot } = times.at(n);
    const kind = kinds[slot] ?? '';
    const sum = sums.get(kind) ?? { pages: 0, seconds: 0 };
    sums.set(kind, { pages: sum.pages + 1, seconds: sum.seconds + seconds });
  }
  return kinds.map((kind) => {
    const { pages, seconds } = sums.get(kind) ?? { pages: 0, seconds: 0 };
    return seconds > 0 ? pages / seconds : 1;
  });
}
