import { lstat } from 'node:fs/promises';
import type { PageId } from '../model/page.ts';
import { copiesAreResults } from './copies-first.ts';
import type { ChildEnd, FoundOutput } from './found-output.ts';

/** An output that equals its source. */
export interface SourceCopy {
  readonly output: FoundOutput;
  /** Of its last change, by a clock that no program can set. */
  readonly ctimeMs: number;
}

/** Copies that are looked at in one look: some scripts copy tens of thousands first. */
const COPIES_A_LOOK = 500;

/** Tells whether a batch's copies of sources are results, by the other outputs and by what happens to copies. */
export class SourceCopies {
  readonly #pages: number;
  /** When outputs were written that differ from their source. */
  readonly #translatedMs: number[] = [];
  /** Pages of which the source was copied, and the copy written again since. */
  readonly #rewritten = new Set<PageId>();
  #wasRewritten = false;
  /** Which of the copies is to be looked at next. */
  #next = 0;

  /** @param pages how many the batch has */
  constructor(pages: number) {
    this.#pages = pages;
  }

  /** A page's file is whole, and differs from its source. */
  differs(page: PageId): void {
    this.#wasRewritten ||= this.#rewritten.has(page);
  }

  /** An output that differs from its source was taken; it was written at `atMs`, on the monotonic clock. */
  translated(atMs: number): void {
    this.#translatedMs.push(atMs);
  }

  /** Those of the copies that were written again since. Looks at some of them, and the next time at the next ones; at all in the last look. */
  async rewrittenOf(
    copies: readonly SourceCopy[],
    { isLast }: { readonly isLast: boolean },
  ): Promise<FoundOutput[]> {
    const most = isLast ? Number.POSITIVE_INFINITY : COPIES_A_LOOK;
    const from = this.#next < copies.length ? this.#next : 0;
    this.#next = from + most;
    const rewritten: FoundOutput[] = [];
    for (const { output, ctimeMs } of copies.slice(from, from + most)) {
      const stats = await lstat(output.path).catch(() => undefined);
      if (stats?.ctimeMs === ctimeMs) continue;
      this.#rewritten.add(output.page);
      rewritten.push(output);
    }
    return rewritten;
  }

  /** While the child runs, and has an output of each page: whether copies of which the last was written at `lastMs` are results. */
  areResultsAlready(lastMs: number): boolean {
    // Whoever copies all pages first has copied them all before the first one is translated.
    return !this.#wasRewritten && this.#translatedMs.some((atMs) => atMs < lastMs);
  }

  /** Once the child has ended: whether these copies are results, as all are of one that ended well. */
  areResults(
    copies: readonly { readonly output: FoundOutput }[],
    { isGood, namedMs, tellsFailure }: ChildEnd,
  ): boolean {
    if (isGood) return true;
    return copiesAreResults({
      pages: this.#pages,
      copies: copies.map(({ output: { page, writtenMs } }) => ({ writtenMs, namedMs: namedMs(page) })),
      translatedMs: this.#translatedMs,
      wasRewritten: this.#wasRewritten,
      tellsFailure,
    });
  }
}
