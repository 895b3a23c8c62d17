import { stemOf } from '../../pages/output-name.ts';
import type { ArchiveDirectory, DirectoryEntry } from '../../pages/sources/archive-directory.ts';
import { isPage } from '../../pages/sources/pages-of-archive.ts';

type Directory = Pick<ArchiveDirectory, 'entries' | 'leftOut'>;

/**
 * True for an archive that looks like what a run made of another one, so that nothing is lost where it is written over with its
 * own pages: each of its pages is one of the other's by its name, at least one has other content, and all else is the other's.
 * `isWhole`: it has to have all of the pages.
 */
export function looksMadeOf(
  made: Directory,
  source: Directory,
  { isWhole }: { readonly isWhole: boolean },
): boolean {
  const pages = byStem(source.entries);
  const its = byStem(made.entries);
  // Two of one stem, as 1.jpg and 1.png: nobody knows which page came of which.
  if (pages === undefined || its === undefined || made.leftOut.length > 0) return false;
  if (isWhole && its.size < pages.size) return false;
  const others = new Map(source.entries.map((entry) => [entry.name, entry]));
  const isOthers = (entry: DirectoryEntry): boolean => others.get(entry.name)?.crc32 === entry.crc32;
  if (!made.entries.every((entry) => isPage(entry) || isOthers(entry))) return false;
  const pairs = [...its].map(([stem, entry]) => ({ entry, page: pages.get(stem) }));
  return (
    pairs.every(({ page }) => page !== undefined) &&
    pairs.some(({ entry, page }) => page?.crc32 !== entry.crc32)
  );
}

/** The pages by their names without suffix; undefined where two have the same. */
function byStem(entries: readonly DirectoryEntry[]): ReadonlyMap<string, DirectoryEntry> | undefined {
  const pages = entries.filter(isPage);
  const stems = new Map(pages.map((entry) => [stemOf(entry.name), entry]));
  return stems.size === pages.length ? stems : undefined;
}
