import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../open-files.ts';
import type { RunOptions } from '../options.ts';
import { discoverPages, type LinkedFolder } from '../pages/discover.ts';
import { folderOf } from '../pages/folder-of.ts';
import { hasImageSuffix, IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { mapLimited } from '../pages/map-limited.ts';
import { Claims, outputKey } from '../pages/output-name.ts';
import type { Page, PageId } from '../pages/page.ts';
import { describeOthers, type Sightings } from '../pages/sightings.ts';
import { verifyImage } from '../pages/verify.ts';
import { type Refusal, usageError } from '../refusal.ts';
import type { Because } from './judge-page.ts';
import { type Ledgers, outputOwners } from './ledger.ts';
import type { LedgerLine } from './ledger-line.ts';
import { workFoldersIn } from './old-work.ts';
import { wayInside } from './output-folder.ts';
import type { PlannedRun } from './plan-run.ts';
import { PageSorter } from './resume.ts';
import type { Notice, ResumeTally } from './resume-notices.ts';
import { StandingOutputs } from './standing-output.ts';

const LOOKS_AT_ONCE = 64;

/**
 * Chunks of all pages in the inputs, in natural order, those of other parts among them: `PageFinder` leaves them out.
 * Once `stop` is aborted no further folder is read.
 * @throws Refusal (2) where outputs would go to where originals are: for the first chunk before anything is written
 */
export async function* pagesOfInputs(
  { inputs, folders, originals }: Pick<PlannedRun, 'inputs' | 'folders' | 'originals'>,
  { include, exclude }: Pick<RunOptions, 'include' | 'exclude'>,
  seen: Sightings,
  stop?: AbortSignal,
): AsyncGenerator<Page[]> {
  const leaveOut: string[] = [];
  for (const folder of [folders.output, ...(await workFoldersIn(folders))]) {
    // What lies around the input would leave out the input itself.
    if ((await wayInside(folder, inputs.root)) === undefined) leaveOut.push(folder);
  }
  const onLinkedFolder = ({ id, real, isLeftOut }: LinkedFolder): void =>
    isLeftOut ? originals.linkIntoOutput(id) : originals.addTree(real);
  const chunks = discoverPages({ ...inputs, leaveOut, include, exclude, seen, stop, onLinkedFolder });
  for await (const chunk of chunks) {
    await originals.assertApart(chunk);
    yield chunk;
  }
}

/**
 * Tells a part's own pages from the others', asked for each page in natural order: with `--part i/N` every Nth page (every
 * Nth folder, where folders stay together), the same on every machine. No page is opened for it.
 */
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
}

/** Pages that came together, sorted out. */
export interface SortedChunk {
  /** All pages that came together, those of other parts and those past `--limit` among them, in the order of the walk. */
  readonly walked: readonly Page[];
  readonly todo: readonly Page[];
  /** Why each of them is to be done, in their order. */
  readonly because: readonly Because[];
  readonly skipped: number;
  /** The pages that are skipped. */
  readonly done: readonly Page[];
  readonly unreadable: readonly Page[];
  readonly collisions: readonly { readonly page: Page; readonly with: PageId }[];
  readonly lines: readonly LedgerLine[];
}

/** What pages are sorted out by, besides the options. */
export interface FinderSetup {
  readonly ledgers: Ledgers;
  readonly foldsCase: boolean;
  /** ISO time since when `--overwrite all` has been going on. */
  readonly overwriteSince?: string | undefined;
  /** Aborted when no more pages are to be sorted out: those that aren't are left out then. */
  readonly stop?: AbortSignal | undefined;
}

/** Tells the pages to do from those that are done, chunk by chunk, by ledger and files. Writes nothing. */
export class PageFinder {
  readonly claims = new Claims();
  readonly #planned: PlannedRun;
  readonly #limit: number;
  readonly #ledgers: Ledgers;
  readonly #foldsCase: boolean;
  readonly #stop: AbortSignal | undefined;
  readonly #isOurs: (page: Page) => boolean;
  readonly #ownerOf: (outputPath: string) => PageId | undefined;
  readonly #sorter: PageSorter;
  readonly #standing: StandingOutputs;
  #isWhole = false;

  constructor(
    planned: PlannedRun,
    { limit, overwrite, part }: Pick<RunOptions, 'limit' | 'overwrite' | 'part'>,
    { ledgers, foldsCase, overwriteSince, stop }: FinderSetup,
  ) {
    const { folders, shaping, optionsHash, translator, byFolder } = planned;
    this.#planned = planned;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#ledgers = ledgers;
    this.#foldsCase = foldsCase;
    this.#stop = stop;
    this.#isOurs = part ? dealRound(part, byFolder) : () => true;
    this.#ownerOf = outputOwners(ledgers.pages, foldsCase);
    const places = {
      outputRoot: folders.output,
      outputName: ({ id }: Page) => translator.outputName(id),
      isImageName: hasImageSuffix,
    };
    // Its lists of folders are as old as its first look: the sorter's are from before the run's own outputs.
    this.#standing = new StandingOutputs(places);
    this.#sorter = new PageSorter({
      ...places,
      ledger: ledgers.pages,
      optionsByHash: ledgers.optionsByHash,
      outputExisted: folders.existed,
      overwrite,
      overwriteSince,
      ownerOf: this.#ownerOf,
      stop,
      optionsHash,
      options: shaping,
      isWhole: async (file) => (await verifyImage(file).catch(unlessOutOfFiles(undefined)))?.whole ?? false,
    });
  }

  /** Sorts out chunks of all pages, in their order, until `--limit` of ours are to do or the run is stopped. */
  async *sort(chunks: AsyncIterable<readonly Page[]>): AsyncGenerator<SortedChunk> {
    const { folders, inputs } = this.#planned;
    const inputsInside = await inputsInOutput(folders.output, inputs);
    let left = this.#limit;
    this.#isWhole = false;
    for await (const chunk of chunks) {
      if (this.#stop?.aborted) break;
      const { own, unreadable, collisions } = await this.#claimPlaces(chunk, inputsInside);
      const { todo, because, skipped, done, adopted, renewed } = await this.#sorter.sortOut(own, left);
      left -= todo.length;
      const last = left > 0 ? undefined : todo.at(-1);
      const counted = new Set(last ? chunk.slice(0, chunk.indexOf(last)) : chunk);
      yield {
        walked: chunk,
        todo,
        because,
        skipped,
        done,
        unreadable: unreadable.filter((page) => counted.has(page)),
        collisions: collisions.filter(({ page }) => counted.has(page)),
        lines: [...adopted, ...renewed],
      };
      if (left <= 0) break;
    }
    this.#isWhole = left > 0 && !this.#stop?.aborted;
    // What an earlier run made of a page under another name is not to be written over.
    for (const { output, page } of this.#ledgers.pages.values()) {
      if (output) this.claims.claim(output.path, page, this.#foldsCase);
    }
  }

  /** The file that stands where a page's output belongs, relative to the output root; none that is another page's. */
  readonly standingOf = async (page: Page): Promise<string | undefined> => {
    const name = await this.#standing.of(page);
    const owner = name === undefined ? undefined : this.#ownerOf(name);
    return owner === undefined || owner === page.id ? name : undefined;
  };

  /** True once `sort` has come to the end of all pages: neither `--limit` nor a stop was in the way. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get notices(): readonly Notice[] {
    return this.#sorter.notices();
  }

  /** True for a page that failed when it was last tried. */
  hasFailed(page: PageId): boolean {
    return this.#ledgers.pages.get(page)?.outcome === 'failed';
  }

  get tally(): ResumeTally {
    return this.#sorter.tally;
  }

  /** Claims the places of all pages, those of other parts too, and tells what becomes of ours. */
  async #claimPlaces(
    chunk: readonly Page[],
    inputsInside: readonly InputInOutput[],
  ): Promise<Pick<SortedChunk, 'unreadable' | 'collisions'> & { own: Page[] }> {
    const own: Page[] = [];
    const unreadable: Page[] = [];
    const collisions: { page: Page; with: PageId }[] = [];
    for (const page of chunk) {
      const isOurs = this.#isOurs(page);
      if (page.unreadable !== undefined) {
        if (isOurs) unreadable.push(page);
        continue;
      }
      const place = this.#planned.translator.outputName(page.id);
      const owner =
        this.#originalAt(place, inputsInside) ??
        (await this.#earlierOwner(place, page.id)) ??
        this.claims.claim(place, page.id, this.#foldsCase);
      if (!isOurs) continue;
      if (owner === undefined) own.push(page);
      else collisions.push({ page, with: owner });
    }
    return { own, unreadable, collisions };
  }

  /** The page that would be written over where the output lies around an input. */
  #originalAt(place: string, inputsInside: readonly InputInOutput[]): PageId | undefined {
    const key = outputKey(place, this.#foldsCase);
    const input = inputsInside.find(({ way }) => key.startsWith(outputKey(`${way}/`, this.#foldsCase)));
    return input && path.join(input.id, ...place.split('/').slice(input.way.split('/').length));
  }

  /** Another page whose output stands there since an earlier run. */
  async #earlierOwner(place: string, page: PageId): Promise<PageId | undefined> {
    const owner = this.#ownerOf(place);
    if (owner === undefined || owner === page) return undefined;
    const own = this.#ledgers.pages.get(page)?.output?.path;
    if (own !== undefined && this.#ownerOf(own) === owner) return undefined;
    const stands = await lstat(path.join(this.#planned.folders.output, place)).catch(() => undefined);
    return stands && owner;
  }
}

/** An input folder that lies in the output folder. */
interface InputInOutput {
  /** From the output folder to it. */
  readonly way: string;
  /** What the ids of its pages begin with. */
  readonly id: string;
}

async function inputsInOutput(
  output: string,
  { root, entries }: PlannedRun['inputs'],
): Promise<InputInOutput[]> {
  const way = await wayInside(output, root);
  if (way !== undefined) return [{ way, id: '' }];
  const found = await mapLimited(entries, LOOKS_AT_ONCE, async ({ kind, path: input }) => {
    const inside = kind === 'folder' ? await wayInside(output, input) : undefined;
    return inside === undefined ? [] : [{ way: inside, id: path.relative(root, input) }];
  });
  return found.flat();
}

/** All pages of a run, sorted out. */
export async function sortOutPages(
  chunks: AsyncIterable<readonly Page[]>,
  planned: PlannedRun,
  options: RunOptions,
  found: FinderSetup,
): Promise<FoundPages> {
  const finder = new PageFinder(planned, options, found);
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
  const { notices, tally, claims } = finder;
  return { pages, skipped, todo, because, unreadable, collisions, lines, notices, tally, claims };
}
