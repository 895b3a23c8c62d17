import type { PageId } from '../model/page.ts';

/** The pages that a child's log named, and how far its outputs follow them. */
export class NamedPages {
  /** In the order in which they were last named, and when each was named first. */
  readonly #firstMs = new Map<PageId, number>();
  #last: PageId | undefined;
  #outputsSince = 0;

  /** The log named a page at `atMs`, on the monotonic clock. */
  named(page: PageId, atMs: number): void {
    const firstMs = this.#firstMs.get(page) ?? atMs;
    this.#firstMs.delete(page);
    this.#firstMs.set(page, firstMs);
    this.#last = page;
    this.#outputsSince = 0;
  }

  /** An output appeared. */
  countOutput(): void {
    this.#outputsSince += 1;
  }

  /** When a page was first named. */
  firstMs(page: PageId): number | undefined {
    return this.#firstMs.get(page);
  }

  get last(): PageId | undefined {
    return this.#last;
  }

  /** In the order in which they were last named. */
  get inOrder(): PageId[] {
    return [...this.#firstMs.keys()];
  }

  /** Outputs that appeared after the last naming. */
  get outputsSince(): number {
    return this.#outputsSince;
  }
}
