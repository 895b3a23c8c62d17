import type { RunOptions } from '../options.ts';
import { discoverPages } from '../pages/discover.ts';
import { hasImageSuffix, IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { Claims, outputNameOf } from '../pages/output-name.ts';
import type { Page, PageId } from '../pages/page.ts';
import { describeOthers, type Sightings } from '../pages/sightings.ts';
import { verifyImage } from '../pages/verify.ts';
import { type Refusal, usageError } from '../refusal.ts';
import type { Ledgers } from './ledger.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { PlannedRun } from './plan-run.ts';
import { PageSorter } from './resume.ts';
import type { Notice, ResumeTally } from './resume-notices.ts';

/**
 * Chunks of this machine's pages, in natural order. With `--part i/N` every Nth page (with `--group folder` every Nth
 * folder), the same on every machine: no page is opened for it.
 */
export async function* pagesOfPart(
  { inputs, folders }: Pick<PlannedRun, 'inputs' | 'folders'>,
  { include, exclude, part, group }: Pick<RunOptions, 'include' | 'exclude' | 'part' | 'group'>,
  seen: Sightings,
): AsyncGenerator<Page[]> {
  const isOurs = part ? dealRound(part, group === 'folder') : undefined;
  const leaveOut = [folders.output, folders.work];
  for await (const chunk of discoverPages({ ...inputs, leaveOut, include, exclude, seen })) {
    yield isOurs ? chunk.filter(isOurs) : chunk;
  }
}

/** Tells a part's own pages from the others', asked for each page in natural order. */
export function dealRound(
  part: { readonly index: number; readonly of: number },
  byFolder: boolean,
): (page: Page) => boolean {
  const isTurn = (position: number): boolean => position % part.of === part.index - 1;
  let pages = 0;
  if (!byFolder) return () => isTurn(pages++);
  // A folder's pages need not follow each other: its subfolders stand among them.
  const places = new Map<string, number>();
  return ({ id }) => {
    const folder = folderOf(id);
    const place = places.get(folder) ?? places.size;
    places.set(folder, place);
    return isTurn(place);
  };
}

/** A page's folder relative to the input root; empty for the root itself. */
export const folderOf = (page: PageId): string => page.slice(0, Math.max(0, page.lastIndexOf('/')));

/** The refusal of a run that has no page: what was seen instead. */
export function noPages({ inputs }: Pick<PlannedRun, 'inputs'>, seen: Sightings): Refusal {
  const where = inputs.singleFolder ?? 'the inputs';
  return usageError(
    `no page images in ${where}: seen there: ${describeOthers(seen)}`,
    `pages end in ${IMAGE_SUFFIXES.join(' ')}`,
  );
}

/** The pages of a run, sorted out: who is to be done, and who has an end already. */
export interface FoundPages {
  /** All of this machine's pages, but for those past `--limit`. */
  readonly pages: number;
  readonly skipped: number;
  readonly todo: readonly Page[];
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
}

/** Tells the pages to do from those that are done, by ledger and files. Writes nothing. */
export async function sortOutPages(
  chunks: AsyncIterable<readonly Page[]>,
  planned: PlannedRun,
  options: RunOptions,
  { ledgers, foldsCase }: { ledgers: Ledgers; foldsCase: boolean },
): Promise<FoundPages> {
  const claims = new Claims();
  const { folders, shaping, optionsHash } = planned;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const sorter = new PageSorter({
    outputRoot: folders.output,
    outputName: ({ id }) => outputNameOf(id, options.format),
    isImageName: hasImageSuffix,
    ledger: ledgers.pages,
    optionsByHash: ledgers.optionsByHash,
    outputExisted: folders.existed,
    overwrite: options.overwrite,
    optionsHash,
    options: shaping,
    isWhole: async (file) => (await verifyImage(file).catch(() => undefined))?.whole ?? false,
  });
  const todo: Page[] = [];
  const unreadable: Page[] = [];
  const collisions: { page: Page; with: string }[] = [];
  const lines: LedgerLine[] = [];
  let skipped = 0;
  let past = false;
  for await (const chunk of chunks) {
    const own: Page[] = [];
    for (const page of chunk) {
      const owner =
        page.unreadable === undefined
          ? claims.claim(outputNameOf(page.id, options.format), page.id, foldsCase)
          : undefined;
      if (owner !== undefined) collisions.push({ page, with: owner });
      else if (page.unreadable !== undefined) unreadable.push(page);
      else own.push(page);
    }
    const sorted = await sorter.sortOut(own);
    skipped += sorted.skipped;
    lines.push(...sorted.adopted, ...sorted.renewed);
    for (const page of sorted.todo) {
      past = todo.length >= limit;
      if (past) break;
      todo.push(page);
    }
    if (past) break;
  }
  for (const { output, page } of ledgers.pages.values())
    if (output) claims.claim(output.path, page, foldsCase);
  const pages = todo.length + skipped + unreadable.length + collisions.length;
  const { tally } = sorter;
  return { pages, skipped, todo, unreadable, collisions, lines, notices: sorter.notices(), tally, claims };
}
