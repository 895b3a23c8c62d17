import type { PageId } from '../model/page.ts';

/** Knows the page that a translator is on by its signs: a line that names it, or a file of it that appears. */
export class PageSigns {
  #count = 0;
  #last: PageId | undefined;
  #lastMs = 0;

  /** The page that the translator was last seen on. */
  get current(): PageId | undefined {
    return this.#last;
  }

  /** How often it went on to a page. */
  get count(): number {
    return this.#count;
  }

  /** The translator was on this page at `atMs`, on the monotonic clock. True where that is news. */
  sign(page: PageId, atMs: number): boolean {
    if (this.#last === page) return false;
    this.#last = page;
    this.#lastMs = atMs;
    this.#count += 1;
    return true;
  }

  /** A file of this page was seen. Returns the `count` at which it was written. */
  written(page: PageId, writtenMs: number): number {
    // The log may have named the next page before this look came round: then the file is older than that sign.
    // A file's time is only known to a millisecond.
    if (page !== this.#last && writtenMs < this.#lastMs + 1) return this.#count - 1;
    this.sign(page, writtenMs);
    return this.#count;
  }
}
