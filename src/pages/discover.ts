import path from 'node:path';
import type { Page } from '../model/page.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { EarlierOutputs } from './earlier-outputs.ts';
import { hasImageSuffix } from './image-format.ts';
import type { InputEntry } from './inputs.ts';
import { isLeftOutName, isOfSystem } from './left-out-names.ts';
import { isWithin, type Place, realPathOf, WalkedFolders } from './linked-folders.ts';
import { pageFilter } from './page-filter.ts';
import { joinRaw, keyOf, type RawPath, writtenName } from './raw-path.ts';
import { type Listed, readAhead, readFolder, unreadableFolder } from './read-folder.ts';
import { noSightings, type Sightings, sawOfSystem, sawOther } from './sightings.ts';
import { isArchiveName } from './sources/archive-directory.ts';
import { type ArchiveReading, pagesOfArchive } from './sources/pages-of-archive.ts';
import { idIn, type LinkedFolder, subfoldersOf, type Walk } from './subfolders.ts';

/** What to walk and what to take. */
export interface DiscoverRequest {
  readonly root: string;
  /** In natural order, as `resolveInputs` gives them. */
  readonly entries: readonly InputEntry[];
  /** Folders that the run writes to: output, work. They need not exist. */
  readonly leaveOut: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Folders with an earlier run's output that lie beside the entries, to be told of. */
  readonly leftOut?: readonly string[];
  /** How archives are read; missing: they are not. */
  readonly archives?: ArchiveReading | undefined;
  /** Filled with what was seen beside pages. */
  readonly seen?: Sightings;
  /** Aborted when no further folder is to be read. */
  readonly stop?: AbortSignal | undefined;
  /** Told of each linked folder before it is walked, or left out because it leads to where the run writes. What it throws ends the walk. */
  readonly onLinkedFolder?: (folder: LinkedFolder) => void;
}

const FOLDERS_AHEAD = 8;
const CHUNK_PAGES = 512;

/**
 * Yields the pages in the natural order of their ids, segment by segment: a folder's files and subfolders are sorted
 * together by name. Chunks come while the walk goes on, the first as soon as there is a page; none is empty.
 * Throws a Refusal (exit 3) for a folder that can't be read: what is in it would be missing from the account of the run.
 */
export async function* discoverPages(request: DiscoverRequest): AsyncGenerator<Page[]> {
  let chunk: Page[] = [];
  let first = true;
  for await (const pages of walkEntries(request)) {
    chunk = chunk.length === 0 ? pages : chunk.concat(pages);
    if (!first && chunk.length < CHUNK_PAGES) continue;
    yield chunk;
    chunk = [];
    first = false;
  }
  if (chunk.length > 0) yield chunk;
}

async function* walkEntries(request: DiscoverRequest): AsyncGenerator<Page[]> {
  const { root, entries, seen = noSightings(), stop } = request;
  const filter = await pageFilter(request.include, request.exclude, { root });
  const leaveOut = await Promise.all(request.leaveOut.map(realPathOf));
  const folders = new WalkedFolders(leaveOut, filter);
  const keptOut = [...leaveOut, ...request.leaveOut].map(keyOf);
  const { onLinkedFolder = () => {}, archives } = request;
  const outputs = new EarlierOutputs();
  const walk = { filter, folders, outputs, seen, stop, keptOut, onLinkedFolder, archives };
  const places = new Map<InputEntry, Place>();
  for (const entry of entries) {
    if (entry.kind !== 'folder') continue;
    const place = { path: entry.path, id: idUnder(root, entry.path), real: await realPathOf(entry.path) };
    folders.addBase(place);
    places.set(entry, place);
  }
  for (const entry of entries) {
    const place = places.get(entry);
    if (place !== undefined) yield* walkFolder(walk, place, readFolder, { isNamed: true });
    else {
      const pages = await pagesOfFile(walk, entry.path, idUnder(root, entry.path));
      if (pages.length > 0) yield pages;
    }
  }
  for (const folder of request.leftOut ?? []) {
    const id = idOrPath(root, folder);
    // The walk of a folder around it has told of it.
    if (!isKeptOut(walk, folder) && !seen.earlierOutputs.includes(id)) seen.earlierOutputs.push(id);
  }
  // A walk that was cut short can't tell.
  if (!stop?.aborted) seen.unmatched.push(...filter.unmatched);
}

/** A file that was named. What lies where the run writes is an earlier run's output, and came with a glob. */
async function pagesOfFile(walk: Walk, file: string, id: string): Promise<Page[]> {
  if (isKeptOut(walk, file)) return [];
  if (walk.archives && isArchiveName(id)) return archivePages(walk, walk.archives, { path: file, id });
  const name = path.basename(file);
  const listed: Listed = { name, written: name, kind: 'link' };
  const page = takePage(walk, { path: path.dirname(file), id: '', real: '' }, listed, id);
  return page === undefined ? [] : [page];
}

const isKeptOut = ({ keptOut }: Walk, place: string): boolean =>
  keptOut.some((kept) => isWithin(keyOf(place), kept));

async function* walkFolder(
  walk: Walk,
  place: Place,
  read: (path: RawPath) => Promise<Listed[]>,
  { isNamed = false } = {},
): AsyncGenerator<Page[]> {
  if (walk.stop?.aborted || !walk.folders.enter(place.real)) return;
  const all = await read(place.path).catch((error: NodeJS.ErrnoException) => {
    throw unreadableFolder(place.path, place.id, error);
  });
  if (!isNamed && (await walk.outputs.showsOne(place.path, all))) {
    walk.seen.earlierOutputs.push(place.id);
    return;
  }
  const listed = all.filter((entry) => isVisible(walk.seen, entry));
  const subfolders = await subfoldersOf(walk, place, listed);
  const toWalk = [...subfolders.values()].filter((subfolder) => subfolder !== undefined);
  const readNext = readAhead(
    toWalk.map((subfolder) => subfolder.path),
    FOLDERS_AHEAD,
  );
  let pages: Page[] = [];
  let next = 0;
  for (const entry of listed) {
    const subfolder = subfolders.get(entry);
    if (walk.archives && !subfolders.has(entry) && isArchiveName(entry.written)) {
      const at = { path: joinRaw(place.path, entry.name), id: idIn(place, entry.written) };
      if (await walk.outputs.packedBeside(place.path, entry.written, listed)) {
        walk.seen.earlierOutputs.push(at.id);
        continue;
      }
      if (pages.length > 0) yield pages;
      pages = await archivePages(walk, walk.archives, at);
      continue;
    }
    if (!subfolders.has(entry)) {
      const page = takePage(walk, place, entry, idIn(place, entry.written));
      if (page !== undefined) pages.push(page);
      continue;
    }
    if (subfolder === undefined) continue;
    if (pages.length > 0) yield pages;
    pages = [];
    const index = next++;
    if (subfolder.linked && walk.folders.isWalkedAnyway(subfolder.real, place)) {
      walk.seen.linkedAgain.push(subfolder.id);
      continue;
    }
    if (subfolder.linked) {
      walk.folders.addBase(subfolder);
      walk.onLinkedFolder({ id: subfolder.id, real: subfolder.real, isLeftOut: false });
    }
    yield* walkFolder(walk, subfolder, () => readNext(index));
  }
  if (pages.length > 0) yield pages;
}

function isVisible(seen: Sightings, { written }: Listed): boolean {
  if (!isLeftOutName(written)) return true;
  if (isOfSystem(written)) sawOfSystem(seen, written);
  else seen.hidden++;
  return false;
}

/** An archive is a folder of pages. */
async function archivePages(
  walk: Walk,
  reading: ArchiveReading,
  { path: file, id }: { readonly path: RawPath; readonly id: string },
): Promise<Page[]> {
  if (walk.stop?.aborted) return [];
  if (typeof file === 'string') return pagesOfArchive(file, id, { ...walk, reading });
  if (!walk.filter.takes(id)) return [];
  walk.seen.pages++;
  return [{ id, path: writtenName(file), unreadable: notUtf8(file) }];
}

function takePage(walk: Walk, place: Place, entry: Listed, id: string): Page | undefined {
  if (!hasImageSuffix(entry.written)) {
    sawOther(walk.seen, id);
    return undefined;
  }
  if (!walk.filter.takes(id)) {
    walk.seen.filtered++;
    return undefined;
  }
  walk.seen.pages++;
  const where = joinRaw(place.path, entry.name);
  if (typeof where !== 'string') return { id, path: writtenName(where), unreadable: notUtf8(where) };
  if (entry.kind === 'other') return { id, path: where, unreadable: 'a pipe, socket or device, not a file' };
  return { id, path: where, ...(entry.kind === 'link' && { isLink: true }) };
}

/** Names the folder from which the names have to be mended: the deepest whose own path is UTF-8. */
function notUtf8(file: Buffer): string {
  const parts = writtenName(file).split('/');
  const bytes = file.toString('latin1').split('/');
  const bad = bytes.findIndex((part, at) => Buffer.from(part, 'latin1').toString('utf8') !== parts[at]);
  const folder = parts.slice(0, bad).join('/') || '/';
  return `its name is not UTF-8; rename it: convmv -f shift_jis -t utf8 -r --notest ${shellQuote([folder])}`;
}

const idUnder = (root: string, entry: string): string => path.relative(root, entry);

/** The path where it lies outside of the root. */
function idOrPath(root: string, folder: string): string {
  const id = idUnder(root, folder);
  return id === '' || id.split('/').includes('..') ? folder : id;
}
