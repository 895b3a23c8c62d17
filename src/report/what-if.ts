import type { SlotId } from '../model/slot.ts';

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
export interface MeasuredRun {
  readonly times: PageTimes;
  /** A slot's kind of card: those of one kind are taken to be equally fast, so that a saving is not overstated. */
  readonly kindOf: (slot: SlotId) => string;
  /** Seconds from a worker's start until it took its first page. */
  readonly loadSeconds: number;
  /** True where a worker stays loaded from page to page; else each batch loads again. */
  readonly warm: boolean;
  /** From the first worker's start to the last page. */
  readonly spanSeconds: number;
}

/** Seconds that `dynamic` would have saved in a run with fixed shards; undefined where it is next to nothing. */
export function whatDynamicSaves(run: MeasuredRun): number | undefined {
  if (run.times.slots.length < 2) return undefined;
  const saved = run.spanSeconds - dynamicSpan(run);
  return saved >= LEAST_SECONDS && saved >= run.spanSeconds * LEAST_SHARE ? saved : undefined;
}

/** Seconds of the run, had each slot taken the next pages whenever it was free. */
function dynamicSpan({ times, kindOf, loadSeconds, warm }: MeasuredRun): number {
  const speeds = slotSpeeds(times, kindOf);
  const free = speeds.map(() => (warm ? loadSeconds : 0));
  const meanSeconds = free.length === 0 ? 0 : totalSeconds(times) / Math.max(1, times.length);
  for (let next = 0; next < times.length; ) {
    const left = times.length - next;
    const take = warm ? 1 : batchSize({ left, slots: speeds.length, loadSeconds, meanSeconds });
    const slot = free.indexOf(Math.min(...free));
    let endsAt = (free[slot] ?? 0) + (warm ? 0 : loadSeconds);
    for (const end = next + take; next < end; next += 1) {
      const page = times.at(next);
      endsAt += (page.seconds * (speeds[page.slot] ?? 1)) / (speeds[slot] ?? 1);
    }
    free[slot] = endsAt;
  }
  return Math.max(0, ...free);
}

/** A batch is half a slot's share of what is left, at least as long as the load it costs, at most a full share. */
function batchSize(run: { left: number; slots: number; loadSeconds: number; meanSeconds: number }): number {
  const share = Math.max(1, Math.ceil(run.left / run.slots));
  const worthALoad = run.meanSeconds > 0 ? Math.ceil(run.loadSeconds / run.meanSeconds) : 1;
  return Math.min(share, Math.max(Math.ceil(run.left / run.slots / 2), worthALoad, 1));
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

function totalSeconds(times: PageTimes): number {
  let total = 0;
  for (let n = 0; n < times.length; n += 1) total += times.at(n).seconds;
  return total;
}
