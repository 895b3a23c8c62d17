import { stat } from 'node:fs/promises';
import type { Page, PageId, SourceStamp } from '../../model/page.ts';
import { hasImageSuffix } from '../image-format.ts';
import { isLeftOutName } from '../left-out-names.ts';
import { naturalComparePaths } from '../natural-order.ts';
import type { PageFilter } from '../page-filter.ts';
import { isUnreadArchive, type Sightings } from '../sightings.ts';
import {
  type ArchiveDirectory,
  type DirectoryEntry,
  isArchiveName,
  type LeftOutEntry,
} from './archive-directory.ts';
import { loadDirectory } from './load-directory.ts';

/** An archive as it is now. */
export interface ArchiveNow extends SourceStamp {
  readonly id: PageId;
  /** Missing where its directory was not read. */
  readonly directoryCrc?: number;
}

/** How the archives among the inputs are read. */
export interface ArchiveReading {
  /** Where outputs of an archive's pages go, relative to the output root. */
  readonly outputsOf: (archive: PageId) => string;
  /** The ids of an archive's pages where an earlier run has finished it and nothing has changed since: it is not opened then. */
  readonly settled: (archive: ArchiveNow) => Promise<readonly PageId[] | undefined>;
}

/** What a walk knows when it comes to an archive. */
interface ArchiveWalk {
  readonly reading: ArchiveReading;
  readonly filter: PageFilter;
  readonly seen: Sightings;
}

/** Names that are told of one archive. */
const NAMES_TOLD = 3;

/**
 * The pages of an archive, in natural order, from its directory alone. One that can't be read is a page that can't be read,
 * under the archive's id.
 * @throws Refusal where the launcher can open no more files
 */
export async function pagesOfArchive(path: string, id: PageId, walk: ArchiveWalk): Promise<Page[]> {
  const { filter, reading, seen } = walk;
  if (filter.leavesOutFolder(id)) return [];
  const now = await stat(path).catch(() => undefined);
  const stamp = now && { id, bytes: now.size, mtimeMs: now.mtimeMs };
  const unopened = stamp && (await reading.settled(stamp));
  if (unopened) return settledPages(unopened, { path, id, walk });
  const directory = await loadDirectory(path);
  if ('trouble' in directory) return brokenArchive(path, id, { ...walk, why: directory.trouble });
  const { bytes, mtimeMs, directoryCrc } = directory;
  const settled = await reading.settled({ id, bytes, mtimeMs, directoryCrc });
  if (settled) return settledPages(settled, { path, id, walk });
  tellLeftOut(id, directory, seen);
  const entries = directory.entries.filter(isPage);
  if (entries.length === 0) seen.inArchives.push(`${id}: it has no page, so nothing comes of it.`);
  const outputs = reading.outputsOf(id);
  const archive = { id, path, bytes, mtimeMs, directoryCrc, pages: entries.length, outputs };
  const pages = entries.flatMap((entry) => {
    const page = { id: `${id}/${entry.name}`, path: `${path}/${entry.name}` };
    if (!isTaken(page.id, walk)) return [];
    const { trouble, ...where } = entry;
    return { ...page, entry: { archive, ...where }, ...(trouble !== undefined && { unreadable: trouble }) };
  });
  return pages.sort((a, b) => naturalComparePaths(a.id, b.id));
}

/** True for an entry that is a page: an image that is not hidden, nor in a system's folder. */
export const isPage = ({ name }: Pick<DirectoryEntry, 'name'>): boolean =>
  hasImageSuffix(name) && !name.split('/').some(isLeftOutName);

function settledPages(
  ids: readonly PageId[],
  { path, id, walk }: { readonly path: string; readonly id: PageId; readonly walk: ArchiveWalk },
): Page[] {
  const taken = ids.filter((page) => isTaken(page, walk));
  return taken
    .map((page): Page => ({ id: page, path: `${path}${page.slice(id.length)}`, settledIn: id }))
    .sort((a, b) => naturalComparePaths(a.id, b.id));
}

function isTaken(page: PageId, { filter, seen }: ArchiveWalk): boolean {
  const takes = filter.takes(page);
  if (takes) seen.pages++;
  else seen.filtered++;
  return takes;
}

/** Filters speak of pages: what is asked for is what the archive would have. */
function brokenArchive(
  path: string,
  id: PageId,
  { filter, seen, why }: ArchiveWalk & { why: string },
): Page[] {
  if (!filter.takes(id) && !filter.takes(`${id}/1.png`)) return [];
  seen.pages++;
  return [{ id, path, unreadable: why }];
}

function tellLeftOut(id: PageId, { entries, leftOut }: ArchiveDirectory, seen: Sightings): void {
  const broken = entries.flatMap((entry) =>
    entry.trouble !== undefined && !isPage(entry) ? { name: entry.name, why: entry.trouble } : [],
  );
  const nested = entries.flatMap(({ name }) =>
    isArchiveName(name) || isUnreadArchive(name)
      ? { name, why: 'it is an archive in an archive, whose pages are not read' }
      : [],
  );
  tell(seen, `${id}: left out`, [...leftOut, ...broken]);
  tell(seen, `${id}: not opened`, nested);
}

function tell(seen: Sightings, what: string, entries: readonly LeftOutEntry[]): void {
  if (entries.length === 0) return;
  const told = entries.slice(0, NAMES_TOLD).map(({ name, why }) => `${JSON.stringify(name)} (${why})`);
  const more = entries.length - told.length;
  seen.inArchives.push(`${what} ${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`);
}
