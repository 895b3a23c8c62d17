/** A page's path relative to the input root, with `/`. Bytes that are no UTF-8 stand in it as `\xNN`. */
export type PageId = string;

/** An archive among the inputs, as it was when its directory was read. */
export interface ArchiveFile extends SourceStamp {
  /** Its path relative to the input root: what the ids of its pages begin with. */
  readonly id: PageId;
  readonly path: string;
  /** Of what its directory says of its entries: one that was only touched or copied has the same. */
  readonly directoryCrc: number;
  /** How many pages it has, those that filters leave out among them. */
  readonly pages: number;
  /** Where outputs of its pages go, relative to the output root; '' is that itself. */
  readonly outputs: string;
}

/** Where an entry's bytes are in its archive. Plain data: threads are given it. */
export interface ArchiveEntry {
  readonly archive: ArchiveFile;
  /** Its name in the archive, decoded. */
  readonly name: string;
  /** Of its local header, from the archive's beginning. */
  readonly offset: number;
  readonly isDeflated: boolean;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly crc32: number;
}

/** Where a page's bytes are: the file at `path`, or an entry of an archive. */
export interface PageSource {
  /** Absolute path of the source file; for an entry, the archive's with the entry's name behind it: there is no such file. */
  readonly path: string;
  readonly entry?: ArchiveEntry;
}

/** One input image, as discovery found it. */
export interface Page extends PageSource {
  readonly id: PageId;
  /** The file is a link, or may be one: nobody has looked. */
  readonly isLink?: true;
  /** The id of the archive that it is in, which an earlier run has finished: nobody has opened it. */
  readonly settledIn?: PageId;
  /** Set where the page can't be given to any translator (its name is no UTF-8): why, in words, with a hint. */
  readonly unreadable?: string;
}

/** Identity of a source file, as the ledger keeps it. */
export interface SourceStamp {
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** Width and height in pixels, as the file's header has them (no rotation applied). */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** A page's folder relative to the input root; empty for the root itself. */
export const folderOf = (page: PageId): string => page.slice(0, Math.max(0, page.lastIndexOf('/')));

/** A page's source by itself. */
export const sourceOf = ({ path, entry }: Page): PageSource => ({ path, ...(entry && { entry }) });

/** The id of the archive that a page is in; undefined for a file. */
export const archiveOf = ({ entry, settledIn }: Page): PageId | undefined => entry?.archive.id ?? settledIn;

/** Where outputs wait until their archive is packed, relative to the output root. */
export const WAITING_FOLDER = '.mgpu/archives';

/** True for a page whose output is packed into an archive, once all of that archive's pages are done. */
export const isPacked = ({ entry }: Page): boolean =>
  entry?.archive.outputs.startsWith(`${WAITING_FOLDER}/`) ?? false;

/** Where an output is, as it is told: one that waits for its archive by its place in that. */
export const shownOutput = (at: string): string =>
  at.startsWith(`${WAITING_FOLDER}/`) ? at.slice(WAITING_FOLDER.length + 1) : at;

/** Where a page's output goes whose name by its id is `name`, relative to the output root: an archive's pages have a place of their own. */
export function placeOf({ entry }: Page, name: string): string {
  if (entry === undefined) return name;
  const { id, outputs } = entry.archive;
  const within = name.slice(id.length + 1);
  return outputs === '' ? within : `${outputs}/${within}`;
}
