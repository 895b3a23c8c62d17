import type { SlotId } from '../model/slot.ts';
import { Costs } from '../schedule/costs.ts';
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
  readonly times: PageTimes;
  /** A slot's kind of card: those of one kind are taken to be equally fast, so that a saving is not overstated. */
  readonly kindOf: (slot: SlotId) => string;
  /** Seconds from a worker's start until it took its first page; undefined where no load was measured. */
  readonly loadSeconds: number | undefined;
  /** True where a worker stays loaded from page to page; else each batch loads again. */
  readonly warm: boolean;
  /** From the first worker's start to the last page. */
  readonly spanSeconds: number;
}

/** Seconds that `dynamic` would have saved in a run with fixed shards; undefined where it is next to nothing. */
export function whatDynamicSaves(run: MeasuredRun): number | undefined {
  // Where loads are not known, the other strategy would be played without any.
  if (run.times.slots.length < 2 || run.loadSeconds === undefined) return undefined;
  const saved = run.spanSeconds - dynamicSpan(run, run.loadSeconds);
  return saved >= LEAST_SECONDS && saved >= run.spanSeconds * LEAST_SHARE ? saved : undefined;
}

/**
 * Seconds of the run, had the slots taken from one queue: the program's own schedule, played with the pages' measured seconds.
 * What pages cost by their size is not known here, so to the schedule all are alike.
 */
function dynamicSpan({ times, kindOf, warm }: MeasuredRun, loadSeconds: number): number {
  const speeds = new Map(slotSpeeds(times, kindOf).map((speed, at) => [times.slots[at] ?? '', speed]));
  const slots = times.slots.map((id) => ({ id, gpu: null }));
  const pages = Array.from({ length: times.length }, (_, n) => ({ id: String(n), path: '' }));
  const shares = simulate({
    schedule: makeSchedule('dynamic', { pages, slots, costs: new Costs() }),
    slots,
    pageByPage: warm,
    costOf: ({ id }, slot) => {
      const page = times.at(Number(id));
      const speedThere = speeds.get(times.slots[page.slot] ?? '') ?? 1;
      return (page.seconds * speedThere) / (speeds.get(slot.id) ?? 1);
    },
    loadSeconds,
  });
  return Math.max(0, ...shares.map(({ seconds }) => seconds));
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
