import type { PageId } from '../model/page.ts';
import { NamingHabit } from './naming-habit.ts';

/** Outputs closer together than this share of the mean distance came from pages that were worked on side by side. */
const BURST_SHARE = 0.05;
/** A burst of more files than this is a copy of a tree, or a clean-up that touches all of them: it times no page. */
const LARGEST_BURST = 64;
/** Until outputs have come for so long, the time that the first one took is what they are measured by. */
const SETTLING_MS = 500;
/** A name that comes this share of a page after the output before it says that something else was done in between. */
const PAUSE_SHARE = 0.1;
/** A child's only page, named once: a name this near to its output is taken to announce that it is being saved. */
const SAVING_SHARE = 0.05;
const MOST_SIGNS = 4096;

/** What times of a child's pages are reckoned with. All times are in milliseconds of one clock. */
interface PageSecondsSetup {
  readonly startedMs: number;
  /** Of the program, over all its children. */
  readonly habit?: NamingHabit;
  /** True for a page whose seconds were asked for earlier. */
  readonly isFinished: (page: PageId) => boolean;
}

interface Sign {
  readonly page: PageId;
  readonly atMs: number;
}

interface Output extends Sign {
  /** The first of its child whose seconds are asked for: what lies before it is the load, too. */
  readonly isFirst: boolean;
}

/**
 * Reckons how long each page of a one-shot child took, from when its outputs were written and when its log named pages. A
 * page lasts from the output before it to its own; names only tell when the first page began, and which time went to pages
 * without an output. Pages that were worked on side by side share their time. Pure: it has no clock.
 */
export class PageSeconds {
  readonly #setup: PageSecondsSetup;
  readonly #habit: NamingHabit;
  /** The page that the log is on, each time it changes. */
  #signs: Sign[] = [];
  /** When outputs were written, in ascending order. */
  readonly #times: number[] = [];
  /** When the outputs were written whose seconds have not been asked for; these times are in `#times`, too. */
  readonly #open = new Map<PageId, number>();
  #hasTold = false;

  constructor(setup: PageSecondsSetup) {
    this.#setup = setup;
    this.#habit = setup.habit ?? new NamingHabit();
  }

  /** The log named a page. */
  named(page: PageId, atMs: number): void {
    if (this.#signs.at(-1)?.page === page) return;
    this.#signs.push({ page, atMs });
    if (this.#signs.length > MOST_SIGNS) this.#signs.splice(0, MOST_SIGNS / 2);
  }

  /** A page has an output that was last written at this time; a later call for the same page replaces the time. */
  written(page: PageId, atMs: number): void {
    const before = this.#open.get(page);
    if (before === atMs) return;
    if (before !== undefined) this.#times.splice(placeOf(this.#times, before), 1);
    this.#open.set(page, atMs);
    this.#times.splice(placeOf(this.#times, atMs), 0, atMs);
  }

  /** Seconds of pages whose outputs are complete, each asked for once; a page of which they can't be known is missing. */
  take(pages: readonly PageId[]): Map<PageId, number> {
    const outputs = pages
      .flatMap((page): Output[] => {
        const atMs = this.#open.get(page);
        return atMs === undefined ? [] : [{ page, atMs, isFirst: false }];
      })
      .sort((one, other) => one.atMs - other.atMs)
      .map((output, place) => ({ ...output, isFirst: place === 0 && !this.#hasTold }));
    for (const output of outputs) this.#learnHabit(output);
    const seconds = new Map<PageId, number>();
    for (const output of outputs) {
      const tookMs = this.#tookMs(output);
      if (tookMs !== undefined) seconds.set(output.page, tookMs / 1000);
    }
    for (const { page } of outputs) this.#open.delete(page);
    this.#hasTold ||= outputs.length > 0;
    this.#forgetSigns(outputs.at(-1)?.atMs);
    return seconds;
  }

  #tookMs(output: Output): number | undefined {
    const { first, last } = this.#burstAround(output.atMs);
    const isNamedAtStart = this.#habit.marksStarts && this.#around(output).name !== undefined;
    if (first === last || isNamedAtStart) {
      const begunMs = this.#begunMs(output);
      return begunMs === undefined ? undefined : output.atMs - begunMs;
    }
    const before = output.isFirst ? undefined : this.#times[first - 1];
    if (before === undefined || last - first >= LARGEST_BURST) return undefined;
    return ((this.#times[last] ?? 0) - before) / (last - first + 1);
  }

  #begunMs(output: Output): number | undefined {
    const { page, atMs } = output;
    const { before, name } = this.#around(output);
    const marksStarts = this.#habit.marksStarts;
    if (before === undefined) {
      if (name === undefined) return undefined;
      return (marksStarts ?? atMs - name >= SAVING_SHARE * (atMs - this.#setup.startedMs)) ? name : undefined;
    }
    if (name !== undefined && marksStarts)
      return name - before > PAUSE_SHARE * (atMs - before) ? name : before;
    if (!this.#habit.marksEnds) return before;
    // A page that was named as done and has no output: the time until then was its own.
    const failed = this.#signs.findLast(
      (sign) => sign.atMs < atMs && sign.page !== page && !this.#hasOutput(sign.page),
    );
    return Math.max(before, failed?.atMs ?? before);
  }

  #learnHabit(output: Output): void {
    const { first, last } = this.#burstAround(output.atMs);
    if (first !== last || this.#signs.length === 0) return;
    const { page, atMs } = output;
    const { before, name, at } = this.#around(output);
    if (name === undefined) {
      const isNamedAfterwards = this.#signs.some((sign) => sign.page === page && sign.atMs >= atMs);
      this.#habit.saw(isNamedAfterwards ? 'end' : 'elsewhere');
      return;
    }
    // A name belongs to the nearer side: the output before it and the name after it are the beginnings of pages.
    const othersBetween = this.#signs.some((sign) => sign.atMs > (before ?? 0) && sign.atMs < name);
    const nextMs = this.#signs[at + 1]?.atMs;
    const nextOutputMs = this.#times[last + 1] ?? Number.POSITIVE_INFINITY;
    const restMs =
      before !== undefined && !othersBetween
        ? name - before
        : nextMs !== undefined && nextMs <= nextOutputMs
          ? nextMs - atMs
          : undefined;
    if (restMs !== undefined) this.#habit.saw(atMs - name > restMs ? 'start' : 'end');
  }

  /** The output before this one, and since when the log was on this page when it was written, where it was. */
  #around({ page, atMs, isFirst }: Output): {
    before: number | undefined;
    name: number | undefined;
    at: number;
  } {
    const before = isFirst ? undefined : this.#times[placeOf(this.#times, atMs) - 1];
    const at = this.#signs.findLastIndex((sign) => sign.atMs < atMs);
    const sign = this.#signs[at];
    const isOnIt = sign?.page === page && (before === undefined || sign.atMs > before);
    return { before, name: isOnIt ? sign.atMs : undefined, at };
  }

  /** The outputs that came in one burst with that of this time, as places in `#times`. */
  #burstAround(atMs: number): { first: number; last: number } {
    const times = this.#times;
    const isClose = (at: number): boolean =>
      at > 0 && at < times.length && (times[at] ?? 0) - (times[at - 1] ?? 0) < BURST_SHARE * this.#meanMs;
    let first = placeOf(times, atMs);
    let last = first;
    while (isClose(first) && last - first < LARGEST_BURST) first -= 1;
    while (isClose(last + 1) && last - first < LARGEST_BURST) last += 1;
    return { first, last };
  }

  /** Mean distance of the outputs so far. */
  get #meanMs(): number {
    const [first = 0] = this.#times;
    const last = this.#times.at(-1) ?? 0;
    return last - first < SETTLING_MS
      ? (last - this.#setup.startedMs) / this.#times.length
      : (last - first) / (this.#times.length - 1);
  }

  #hasOutput(page: PageId): boolean {
    return this.#open.has(page) || this.#setup.isFinished(page);
  }

  /** What was named before the last output that was told says nothing of the next, but for the page that the log is on. */
  #forgetSigns(toldMs: number | undefined): void {
    if (toldMs === undefined) return;
    const at = this.#signs.findLastIndex((sign) => sign.atMs < toldMs);
    if (at > 0) this.#signs = this.#signs.slice(at);
  }
}

/** Place of the first time that is not before this one. */
function placeOf(times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length];
  // Nearly always the last one.
  if ((times[high - 1] ?? Number.NEGATIVE_INFINITY) < atMs) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
