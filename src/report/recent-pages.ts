const SPAN_MS = 60_000;
/** Times that are too old are let go so many together. */
const LET_GO = 1024;

/**
 * When pages were finished lately, for a rate that follows a lost GPU and stays calm: those of the last minute, and where pages
 * take long, `least` of them.
 */
export class RecentPages {
  /** How many were finished in all. */
  count = 0;
  /** In order; those before `#first` are too old. */
  #finishedMs: number[] = [];
  #first = 0;

  add(atMs: number, least: number): void {
    this.count += 1;
    this.#finishedMs.push(atMs);
    while (this.#first < this.#finishedMs.length - 1 - least && this.#timeOf(this.#first) <= atMs - SPAN_MS)
      this.#first += 1;
    if (this.#first < LET_GO) return;
    this.#finishedMs = this.#finishedMs.slice(this.#first);
    this.#first = 0;
  }

  /** Pages a minute lately, where work began at `beganMs`; undefined before the second page. */
  perMinute(nowMs: number, { beganMs, least }: { beganMs: number; least: number }): number | undefined {
    if (this.count < 2) return undefined;
    const before = this.#finishedMs.length - 1 - least;
    const enoughSinceMs = before < this.#first ? beganMs : this.#timeOf(before);
    const sinceMs = Math.max(beganMs, Math.min(nowMs - SPAN_MS, enoughSinceMs));
    let from = this.#finishedMs.length;
    while (from > this.#first && this.#timeOf(from - 1) > sinceMs) from -= 1;
    const pages = this.#finishedMs.length - from;
    return nowMs > sinceMs ? (pages * 60_000) / (nowMs - sinceMs) : undefined;
  }

  #timeOf(at: number): number {
    return this.#finishedMs[at] ?? 0;
  }
}
