import { stemOf } from '../../pages/output-name.ts';
import type { ArchiveDirectory, DirectoryEntry } from '../../pages/sources/archive-directory.ts';
import { isPage } from '../../pages/sources/pages-of-archive.ts';

type Directory = Pick<ArchiveDirectory, 'entries' | 'leftOut'>;

/**
 * What was made of each page of an archive, by the page's name, in an archive that looks like what a run made of it, so that
 * nothing is lost where it is written over with its own pages: each of its pages has the name of one of the other's, but perhaps for
 * the suffix, at least one has other content, and all else is the other's. Undefined for any other archive.
 * `isWhole`: it has to have all of the pages.
 */
export function madeOfPages(
  made: Directory,
  source: Directory,
  { isWhole }: { readonly isWhole: boolean },
): ReadonlyMap<string, DirectoryEntry> | undefined {
  if (made.leftOut.length > 0) return undefined;
  const others = new Map(source.entries.map((entry) => [entry.name, entry]));
  const isOthers = (entry: DirectoryEntry): boolean => others.get(entry.name)?.crc32 === entry.crc32;
  if (!made.entries.every((entry) => isPage(entry) || isOthers(entry))) return undefined;
  const pages = pairsOf(made.entries.filter(isPage), source.entries.filter(isPage));
  if (pages === undefined || ![...pages].some(([name, { crc32 }]) => others.get(name)?.crc32 !== crc32))
    return undefined;
  return isWhole && pages.size < source.entries.filter(isPage).length ? undefined : pages;
}

/** Undefined where a page is none of the archive's, or nobody can tell which: `1.webp` for `1.jpg` and `1.png`. */
function pairsOf(
  made: readonly DirectoryEntry[],
  pages: readonly DirectoryEntry[],
): ReadonlyMap<string, DirectoryEntry> | undefined {
  const names = new Set(pages.map(({ name }) => name));
  const sameName = made.filter(({ name }) => names.has(name));
  const pairs = new Map(sameName.map((entry) => [entry.name, entry]));
  const byStem = new Map<string, string[]>();
  for (const { name } of pages) {
    if (!pairs.has(name)) byStem.set(stemOf(name), [...(byStem.get(stemOf(name)) ?? []), name]);
  }
  for (const entry of made) {
    if (names.has(entry.name)) continue;
    const [name, other] = byStem.get(stemOf(entry.name)) ?? [];
    if (name === undefined || other !== undefined || pairs.has(name)) return undefined;
    pairs.set(name, entry);
  }
  return pairs;
}
