const SPAN_MS = 60_000;
/** Without a page for the whole span, and for as long as so many pages took lately. */
const STALLED_PAGES = 10;
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
    const pages = this.#finishedMs.length - this.#firstAfter(sinceMs);
    return nowMs > sinceMs ? (pages * 60_000) / (nowMs - sinceMs) : undefined;
  }

  /** True where none was finished for so long that the rate of lately says nothing of now: the pages at work may hang. */
  isStalled(nowMs: number, span: { beganMs: number; least: number }): boolean {
    const lastMs = this.#finishedMs.at(-1);
    if (lastMs === undefined) return false;
    const rate = this.perMinute(lastMs, span);
    return rate !== undefined && nowMs - lastMs > Math.max(SPAN_MS, (STALLED_PAGES * 60_000) / rate);
  }

  /** There may be thousands a minute, and a terminal asks ten times a second. */
  #firstAfter(sinceMs: number): number {
    let [low, high] = [this.#first, this.#finishedMs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timeOf(middle) > sinceMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #timeOf(at: number): number {
    return this.#finishedMs[at] ?? 0;
  }
}
