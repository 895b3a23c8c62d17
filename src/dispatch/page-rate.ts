/** So many seconds' worth of pages may begin together: services count by the minute. */
const BURST_SECONDS = 5;
/** Of a page: sums of fractions come out a little short. */
const ROUNDING = 1e-9;

/**
 * At most so many pages a minute begin, over all slots: in any stretch of minutes no more than that many times `perMinute`, and
 * the burst. Pages that begin together are one batch: it may be larger than the burst, and those after it wait the longer.
 */
export class PageRate {
  readonly #perMinute: number;
  readonly #burst: number;
  /** Pages that may begin; below 0 after a batch. */
  #balance: number;
  #sinceMs: number;

  /** @param nowMs on the clock of the calls */
  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute;
    this.#burst = Math.max(1, Math.floor((perMinute * BURST_SECONDS) / 60));
    this.#balance = this.#burst;
    this.#sinceMs = nowMs;
  }

  /** The most pages of one batch where so many slots take some: together a minute's worth. */
  batchOf(slots: number): number {
    return Math.max(1, Math.floor(this.#perMinute / Math.max(1, slots)));
  }

  /** Milliseconds until so many pages may begin together; 0: now. */
  waitMs(pages: number, nowMs: number): number {
    this.#refill(nowMs);
    const missing = Math.min(pages, this.#burst) - this.#balance;
    return missing <= ROUNDING ? 0 : Math.ceil((missing / this.#perMinute) * 60_000);
  }

  /** So many pages begin. */
  began(pages: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#balance -= pages;
  }

  #refill(nowMs: number): void {
    const more = ((nowMs - this.#sinceMs) / 60_000) * this.#perMinute;
    this.#balance = Math.min(this.#burst, this.#balance + more);
    this.#sinceMs = nowMs;
  }
}
