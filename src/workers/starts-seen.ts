/** A start may take so many times as long as the slowest before it: disks and other workers are busier at times. */
const STARTS_VARY = 2;

/** How long the children of a program took, over a run, from their start to the first sign of a page. */
export class StartsSeen {
  #slowestMs: number | undefined;

  /** A child gave its first sign of a page after so long. */
  saw(tookMs: number): void {
    this.#slowestMs = Math.max(tookMs, this.#slowestMs ?? 0);
  }

  /**
   * The longest that a child's start and its pages can take together, in milliseconds: the first sign of a program that names
   * no pages may come with the last of them. Undefined until a child gave a sign, and where pages have no limit (0).
   */
  mostMs({
    pages,
    pageTimeoutMs,
  }: {
    readonly pages: number;
    readonly pageTimeoutMs: number;
  }): number | undefined {
    if (this.#slowestMs === undefined || pageTimeoutMs === 0) return undefined;
    return this.#slowestMs * STARTS_VARY + pageTimeoutMs * pages;
  }
}
