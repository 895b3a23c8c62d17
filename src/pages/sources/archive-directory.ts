import type { ArchiveEntry, SourceStamp } from '../../model/page.ts';

/** One file or folder in an archive, in the order of its directory; a folder's name ends with `/`. */
export interface DirectoryEntry extends Omit<ArchiveEntry, 'archive'> {
  /** Set where its content can't be had: why, in words. */
  readonly trouble?: string;
}

/** Something in an archive that has no place in a folder: its name, as far as it can be shown, and why. */
export interface LeftOutEntry {
  readonly name: string;
  readonly why: string;
}

/** What the directory of a zip archive says. */
export interface ArchiveDirectory extends SourceStamp {
  readonly entries: readonly DirectoryEntry[];
  readonly leftOut: readonly LeftOutEntry[];
  /** Of all that it says of its entries: another content has another one. */
  readonly directoryCrc: number;
  readonly comment: Buffer;
}

/** Why nothing of an archive can be read. */
export interface NoDirectory {
  readonly trouble: string;
}

/** Most entries of an archive that is read. */
export const MOST_ENTRIES = 20_000;
/** What no page comes near. */
export const LARGEST_ENTRY_BYTES = 1_000_000_000;
/** Deflate does not get further than 1032:1: what comes near it is no picture. */
export const LARGEST_RATIO = 1000;

const READ_SUFFIXES: ReadonlySet<string> = new Set(['cbz', 'zip']);

/** True for the name of an archive whose pages are read: `.cbz`, `.zip`. */
export const isArchiveName = (name: string): boolean =>
  READ_SUFFIXES.has(/[^/]\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');

/** The name without an archive's suffix. */
export const withoutArchiveSuffix = (name: string): string =>
  isArchiveName(name) ? name.slice(0, name.lastIndexOf('.')) : name;

/** The name of what has the good pages of an archive so far: `vol1.incomplete.cbz`. */
export const incompleteName = (name: string): string => {
  const stem = withoutArchiveSuffix(name);
  return `${stem}.incomplete${name.slice(stem.length)}`;
};
