import type { Emit } from '../model/events.ts';
import { round3 } from '../report/format.ts';
import type { Costs } from '../schedule/costs.ts';
import { forecastRest, secondsOf, type Taking } from '../schedule/forecast.ts';
import type { Schedule } from '../schedule/strategy.ts';
import { WatchedSchedule } from '../schedule/watched-schedule.ts';

/** Without earlier runs so much has to be seen: a tenth of the pages, or so many a slot. */
const SEEN_SHARE = 0.1;
const SEEN_A_SLOT = 10;
/** It is looked again after this share of the time since the first page was asked for, and after so many times what a look took. */
const AGAIN_SHARE = 0.05;
const LOOK_TIMES = 200;
const LEAST_AGAIN_MS = 1000;
/** What is told is told again where it was wrong by this share, and by so much. */
const NEWS_SHARE = 0.03;
const NEWS_SECONDS = 0.1;

interface ForecastSetup extends Pick<Taking, 'pageByPage' | 'loadsInTurn' | 'slots'> {
  readonly costs: Costs;
  /** Earlier runs have timed pages. */
  readonly isKnown: boolean;
  readonly emit: Emit;
  readonly nowMs?: () => number;
}

/**
 * Tells how long a run will still take: before its first page where earlier runs have shown that, else from a tenth of its
 * pages on; again where it turns out otherwise.
 */
export class RunForecast {
  /** The schedule, through which it sees what slots take and finish. */
  readonly schedule: WatchedSchedule;
  readonly #setup: ForecastSetup;
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #dueMs = 0;
  #told: { readonly endMs: number } | undefined;

  constructor(schedule: Schedule, setup: ForecastSetup) {
    const { slots, pageByPage, nowMs = () => performance.now() } = setup;
    this.#setup = setup;
    this.#nowMs = nowMs;
    this.#beganMs = nowMs();
    this.schedule = new WatchedSchedule(schedule, {
      slots,
      loadsForEach: !pageByPage,
      onFinished: () => this.look(),
      nowMs,
    });
  }

  /** Looks whether there is something to tell. All pages must be known for it; costs little where it is not due. */
  look(): void {
    const nowMs = this.#nowMs();
    const { costs, emit, ...taking } = this.#setup;
    if (nowMs < this.#dueMs || !this.schedule.complete || !this.#isSeen || !costs.canPredict) return;
    const { slots } = this.schedule;
    const inHand = this.schedule.inHand();
    if (slots.length === 0 || costs.loadSecondsOn(slots[0]?.id ?? '') === undefined) return;
    const shares = forecastRest(this.schedule, { ...taking, slots, costs, inHand });
    const seconds = secondsOf(shares);
    const tookMs = this.#nowMs() - nowMs;
    const againMs = Math.max(LEAST_AGAIN_MS, tookMs * LOOK_TIMES, (nowMs - this.#beganMs) * AGAIN_SHARE);
    this.#dueMs = nowMs + againMs;
    const expected = this.#told && Math.max(0, this.#told.endMs - nowMs) / 1000;
    const isNews =
      expected === undefined || Math.abs(seconds - expected) > Math.max(NEWS_SECONDS, seconds * NEWS_SHARE);
    if (!isNews) return;
    this.#told = { endMs: nowMs + seconds * 1000 };
    const pagesLeft = shares.reduce((sum, { pages }) => sum + pages.length, 0);
    emit({
      type: 'forecast',
      secondsLeft: round3(seconds),
      pagesLeft,
      by: this.schedule.done === 0 ? 'earlier-runs' : 'this-run',
    });
  }

  get #isSeen(): boolean {
    const { done, left, slots } = this.schedule;
    if (done === 0) return this.#setup.isKnown;
    return this.#setup.isKnown || done >= Math.min((done + left) * SEEN_SHARE, slots.length * SEEN_A_SLOT);
  }
}
