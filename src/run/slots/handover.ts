import type { PageAnswer } from '../../workers/warm-answer.ts';

/** Above so many times the gap between two pages, a page that waits in the launcher costs less than 0.2 % of the time. */
const GAPS_A_PAGE = 500;
/** What a gap takes at the least: the answer's way here, and the next page's way to the worker. */
const SHORTEST_GAP_SECONDS = 0.002;
/** How much the latest figure counts. */
const LATEST = 0.25;

/**
 * Measures what it costs to hold a page back until the worker is free: the gap from an answer to the next page, against
 * the seconds that a page takes. A page that was sent can't be recalled, so it is only sent ahead where holding it costs.
 */
export class Handover {
  readonly #nowMs: () => number;
  #pageSeconds: number | undefined;
  #gapSeconds = SHORTEST_GAP_SECONDS;
  #answeredMs: number | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The worker answered for a page. */
  answered(answer: PageAnswer): void {
    // A page that was sent ahead measures no gap: one stall must not count for ever.
    if (this.#answeredMs !== undefined) this.#gapSeconds = average(this.#gapSeconds, SHORTEST_GAP_SECONDS);
    this.#answeredMs = this.#nowMs();
    if (answer.by !== 'done' && answer.by !== 'failed') return;
    const { seconds } = answer;
    this.#pageSeconds = average(this.#pageSeconds ?? seconds, seconds);
  }

  /** The page that was held went to the worker, which had nothing to do since its answer. */
  handedOn(): void {
    if (this.#answeredMs === undefined) return;
    const seconds = (this.#nowMs() - this.#answeredMs) / 1000;
    this.#gapSeconds = average(this.#gapSeconds, Math.max(SHORTEST_GAP_SECONDS, seconds));
    this.#answeredMs = undefined;
  }

  /** False until a page was measured. */
  get isWorthSendingAhead(): boolean {
    return this.#pageSeconds !== undefined && this.#pageSeconds < this.#gapSeconds * GAPS_A_PAGE;
  }
}

const average = (before: number, latest: number): number => before + (latest - before) * LATEST;
