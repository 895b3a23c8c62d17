import type { PageId } from '../model/page.ts';
import type { ImageFormat } from '../pages/image-format.ts';

/** A whole output of a page, still where the translator left it. */
export interface FoundOutput {
  readonly page: PageId;
  /** Relative to the output folder, as the translator named it. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** When the translator last wrote to it, on the launcher's monotonic clock. */
  readonly writtenMs: number;
  /** Seen whole by its format's end: a file without such an end is only known to be not empty. */
  readonly endChecked: boolean;
  /** By its content; missing where that is no image known here. */
  readonly format?: ImageFormat;
  /** It has to be copied: it is a link, or its content has another name too. */
  readonly isLink?: true;
  /** Its content is the source's; missing where nobody looked. */
  readonly equalsSource?: boolean;
}

/** How a child ended. */
export interface ChildEnd {
  /** By itself, with exit code 0. */
  readonly isGood: boolean;
  /** Something else than an exit code says that it failed. */
  readonly tellsFailure: boolean;
  /** When a page was first named. */
  readonly namedMs: (page: PageId) => number | undefined;
}
