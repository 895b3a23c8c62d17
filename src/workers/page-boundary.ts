import type { PageId } from '../model/page.ts';

/** What is known of a child's progress at one moment. */
export interface Progress {
  /** The page that its log named last. */
  readonly named: PageId | undefined;
  /** Pages of which the output is whole, and pages of which the output is a copy of the source so far. */
  readonly whole: number;
  readonly copies: number;
}

/** Tells when a child goes on from the page that it was on: then it may be ended, and no page's work is lost. */
export class PageBoundary {
  readonly #namedBefore: PageId | undefined;
  #before: Progress | undefined;

  constructor(named: PageId | undefined) {
    this.#namedBefore = named;
  }

  /** True once it has named another page, or has more outputs than when this was asked first. */
  isPassed(now: Progress): boolean {
    this.#before ??= now;
    const wentOn = this.#namedBefore !== undefined && now.named !== this.#namedBefore;
    return wentOn || now.whole > this.#before.whole || now.copies > this.#before.copies;
  }
}
