import type { Page, PageId } from '../../model/page.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { Claims } from '../../pages/output-name.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import type { Because } from './decide-page.ts';
import type { Notice, ResumeTally } from './resume-notices.ts';
import { type FinderSetup, PageFinder, type SortedRun } from './sort-pages.ts';

/** The pages of a run, sorted out: who is to be done, and who has an end already. */
export interface FoundPages {
  /** All of this machine's pages, but for those past `--limit`. */
  readonly pages: number;
  readonly skipped: number;
  readonly todo: readonly Page[];
  /** Why each of them is to be done. */
  readonly because: ReadonlyMap<PageId, Because>;
  /** Pages that have their end without a child: names that are no UTF-8. */
  readonly unreadable: readonly Page[];
  /** Pages whose final path is another page's. */
  readonly collisions: readonly { readonly page: Page; readonly with: string }[];
  /** For the ledger. */
  readonly lines: readonly LedgerLine[];
  readonly notices: readonly Notice[];
  /** Why pages are to be done, and why they are not. */
  readonly tally: ResumeTally;
  /** Who has which final path. */
  readonly claims: Claims;
  /** See `PageFinder`. */
  readonly later: number | undefined;
}

/** All pages of a run, sorted out. */
export async function sortOutPages(
  chunks: AsyncIterable<readonly Page[]>,
  run: SortedRun,
  options: RunOptions,
  found: FinderSetup,
): Promise<FoundPages> {
  const finder = new PageFinder(run, options, found);
  const todo: Page[] = [];
  const because = new Map<PageId, Because>();
  const unreadable: Page[] = [];
  const collisions: { page: Page; with: string }[] = [];
  const lines: LedgerLine[] = [];
  let skipped = 0;
  for await (const chunk of finder.sort(chunks)) {
    for (const [at, page] of chunk.todo.entries()) {
      todo.push(page);
      because.set(page.id, chunk.because[at] ?? 'new');
    }
    unreadable.push(...chunk.unreadable);
    collisions.push(...chunk.collisions);
    lines.push(...chunk.lines);
    skipped += chunk.skipped;
  }
  const pages = todo.length + skipped + unreadable.length + collisions.length;
  const { notices, tally, claims, later } = finder;
  return { pages, later, skipped, todo, because, unreadable, collisions, lines, notices, tally, claims };
}
