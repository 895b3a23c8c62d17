import type { PageAnswer } from '../../workers/warm-answer.ts';

/** Above so many times the gap between two pages, a page that waits in the launcher costs less than 0.2 % of the time. */
const GAPS_A_PAGE = 500;
/** How much the latest figure counts. */
const LATEST = 0.25;

/**
 * Measures what it costs to hold a page back until the worker is free: the gap from an answer to the next page, against
 * the seconds that a page takes. A page that was sent can't be recalled, so it is only sent ahead where holding it costs.
 */
export class Handover {
  readonly #nowMs: () => number;
  #pageSeconds: number | undefined;
  readonly #leastGapSeconds: number;
  #gapSeconds: number;
  #answeredMs: number | undefined;

  /** @param leastGapSeconds what a gap takes at the least: the answer's way here, and the next page's way to the worker */
  constructor(leastGapSeconds: number, nowMs: () => number = () => performance.now()) {
    this.#leastGapSeconds = leastGapSeconds;
    this.#gapSeconds = leastGapSeconds;
    this.#nowMs = nowMs;
  }

  /** The worker answered for a page. */
  answered(answer: PageAnswer): void {
    // A page that was sent ahead measures no gap: one stall must not count for ever.
    if (this.#answeredMs !== undefined) this.#gapSeconds = average(this.#gapSeconds, this.#leastGapSeconds);
    this.#answeredMs = this.#nowMs();
    if (answer.by !== 'done' && answer.by !== 'failed') return;
    const { seconds } = answer;
    this.#pageSeconds = average(this.#pageSeconds ?? seconds, seconds);
  }

  /** The page that was held went to the worker, which had nothing to do since its answer. */
  handedOn(): void {
    if (this.#answeredMs === undefined) return;
    const seconds = (this.#nowMs() - this.#answeredMs) / 1000;
    this.#gapSeconds = average(this.#gapSeconds, Math.max(this.#leastGapSeconds, seconds));
    this.#answeredMs = undefined;
  }

  /** False until a page was measured. */
  get isWorthSendingAhead(): boolean {
    return this.#pageSeconds !== undefined && this.#pageSeconds < this.#gapSeconds * GAPS_A_PAGE;
  }
}

const average = (before: number, latest: number): number => before + (latest - before) * LATEST;
