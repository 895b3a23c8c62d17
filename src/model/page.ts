/** A page's path relative to the input root, with `/`. Bytes that are no UTF-8 stand in it as `\xNN`. */
export type PageId = string;

/** One input image, as discovery found it. */
export interface Page {
  readonly id: PageId;
  /** Absolute path of the source file. */
  readonly path: string;
  /** The file is a link, or may be one: nobody has looked. */
  readonly isLink?: true;
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
