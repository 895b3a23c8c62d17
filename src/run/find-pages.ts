import type { RunOptions } from '../options.ts';
import { discoverPages } from '../pages/discover.ts';
import { hasImageSuffix, IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { Claims } from '../pages/output-name.ts';
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
 * Chunks of this machine's pages, in natural order. With `--part i/N` every Nth page (every Nth folder, where folders
 * stay together), the same on every machine: no page is opened for it.
 */
export async function* pagesOfPart(
  { inputs, folders, byFolder }: Pick<PlannedRun, 'inputs' | 'folders' | 'byFolder'>,
  { include, exclude, part }: Pick<RunOptions, 'include' | 'exclude' | 'part'>,
  seen: Sightings,
): AsyncGenerator<Page[]> {
  const isOurs = part ? dealRound(part, byFolder) : undefined;
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

/** Pages that came together, sorted out. */
export interface SortedChunk {
  readonly todo: readonly Page[];
  readonly skipped: number;
  readonly unreadable: readonly Page[];
  readonly collisions: readonly { readonly page: Page; readonly with: PageId }[];
  readonly lines: readonly LedgerLine[];
}

/** Tells the pages to do from those that are done, chunk by chunk, by ledger and files. Writes nothing. */
export class PageFinder {
  readonly claims = new Claims();
  readonly #planned: PlannedRun;
  readonly #limit: number;
  readonly #ledgers: Ledgers;
  readonly #foldsCase: boolean;
  readonly #sorter: PageSorter;

  constructor(
    planned: PlannedRun,
    { limit, overwrite }: Pick<RunOptions, 'limit' | 'overwrite'>,
    { ledgers, foldsCase }: { ledgers: Ledgers; foldsCase: boolean },
  ) {
    const { folders, shaping, optionsHash, translator } = planned;
    this.#planned = planned;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#ledgers = ledgers;
    this.#foldsCase = foldsCase;
    this.#sorter = new PageSorter({
      outputRoot: folders.output,
      outputName: ({ id }) => translator.outputName(id),
      isImageName: hasImageSuffix,
      ledger: ledgers.pages,
      optionsByHash: ledgers.optionsByHash,
      outputExisted: folders.existed,
      overwrite,
      optionsHash,
      options: shaping,
      isWhole: async (file) => (await verifyImage(file).catch(() => undefined))?.whole ?? false,
    });
  }

  /** Chunks of pages in the order they come, until `--limit` pages are to do. */
  async *sort(chunks: AsyncIterable<readonly Page[]>): AsyncGenerator<SortedChunk> {
    let found = 0;
    for await (const chunk of chunks) {
      const { own, unreadable, collisions } = this.#claimPlaces(chunk);
      const sorted = await this.#sorter.sortOut(own);
      const todo = sorted.todo.slice(0, this.#limit - found);
      found += todo.length;
      const lines = [...sorted.adopted, ...sorted.renewed];
      yield { todo, skipped: sorted.skipped, unreadable, collisions, lines };
      if (found >= this.#limit) break;
    }
    // What an earlier run made of a page under another name is not to be written over.
    for (const { output, page } of this.#ledgers.pages.values()) {
      if (output) this.claims.claim(output.path, page, this.#foldsCase);
    }
  }

  get notices(): readonly Notice[] {
    return this.#sorter.notices();
  }

  get tally(): ResumeTally {
    return this.#sorter.tally;
  }

  #claimPlaces(chunk: readonly Page[]): Pick<SortedChunk, 'unreadable' | 'collisions'> & { own: Page[] } {
    const own: Page[] = [];
    const unreadable: Page[] = [];
    const collisions: { page: Page; with: PageId }[] = [];
    for (const page of chunk) {
      if (page.unreadable !== undefined) {
        unreadable.push(page);
        continue;
      }
      const place = this.#planned.translator.outputName(page.id);
      const owner = this.claims.claim(place, page.id, this.#foldsCase);
      if (owner === undefined) own.push(page);
      else collisions.push({ page, with: owner });
    }
    return { own, unreadable, collisions };
  }
}

/** All pages of a run, sorted out. */
export async function sortOutPages(
  chunks: AsyncIterable<readonly Page[]>,
  planned: PlannedRun,
  options: RunOptions,
  found: { ledgers: Ledgers; foldsCase: boolean },
): Promise<FoundPages> {
  const finder = new PageFinder(planned, options, found);
  const todo: Page[] = [];
  const unreadable: Page[] = [];
  const collisions: { page: Page; with: string }[] = [];
  const lines: LedgerLine[] = [];
  let skipped = 0;
  for await (const chunk of finder.sort(chunks)) {
    for (const page of chunk.todo) todo.push(page);
    unreadable.push(...chunk.unreadable);
    collisions.push(...chunk.collisions);
    lines.push(...chunk.lines);
    skipped += chunk.skipped;
  }
  const pages = todo.length + skipped + unreadable.length + collisions.length;
  const { notices, tally, claims } = finder;
  return { pages, skipped, todo, unreadable, collisions, lines, notices, tally, claims };
}
