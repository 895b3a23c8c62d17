import type { Page, PageId } from '../model/page.ts';
import { IMAGE_SUFFIXES } from '../pages/image-format.ts';
import { sameForm } from '../pages/name-form.ts';
import { stemOf } from '../pages/output-name.ts';

const LONGEST_SCANNED = 4096;
/** Longest first: `.tiff` is no `.tif`. */
const SUFFIX = new RegExp(`\\.(?:${IMAGE_SUFFIXES.toSorted((a, b) => b.length - a.length).join('|')})`, 'gi');
const BEFORE_A_NAME = /[\s"'`([{<=:,/\\]/;

const baseOf = (id: PageId): string => id.slice(id.lastIndexOf('/') + 1);

/**
 * Finds the page that a line of a child's output names: by its path in the batch's input or output folder, by its
 * relative path, or by a file name that is the only one of the batch. Names are compared in one form.
 */
export class PageNames {
  readonly #byStem = new Map<string, PageId>();
  /** Each page's name in the batch, in the form in which names are compared. */
  readonly #names = new Map<PageId, string>();
  /** A null: several pages have this file name. */
  readonly #byBase = new Map<string, PageId | null>();
  readonly #folders: readonly string[];
  #longestName = 0;

  /** @param nameOf the relative name under which a page stands in the batch */
  constructor(
    pages: readonly Page[],
    folders: readonly string[],
    nameOf: (page: PageId) => string = (page) => page,
  ) {
    this.#folders = folders.map((folder) => `${sameForm(folder)}/`);
    for (const { id } of pages) {
      const name = sameForm(nameOf(id));
      this.#names.set(id, name);
      this.#byStem.set(stemOf(name), id);
      this.#longestName = Math.max(this.#longestName, name.length);
      const base = baseOf(name);
      this.#byBase.set(base, this.#byBase.has(base) ? null : id);
    }
  }

  /** The page that the line names last; undefined where it names none. */
  in(line: string): PageId | undefined {
    const text = sameForm(line.slice(0, LONGEST_SCANNED));
    SUFFIX.lastIndex = 0;
    let named: PageId | undefined;
    for (let found = SUFFIX.exec(text); found; found = SUFFIX.exec(text)) {
      named = this.#endingAt(text, found.index + found[0].length) ?? named;
    }
    return named;
  }

  #endingAt(text: string, end: number): PageId | undefined {
    for (const folder of this.#folders) {
      const at = text.lastIndexOf(folder, end);
      if (at === -1) continue;
      const page = this.#byStem.get(stemOf(text.slice(at + folder.length, end)));
      if (page !== undefined) return page;
    }
    // From the longest candidate to the shortest: a name may hold spaces.
    for (let start = Math.max(0, end - this.#longestName); start < end; start += 1) {
      if (start > 0 && !BEFORE_A_NAME.test(text[start - 1] ?? '')) continue;
      const candidate = text.slice(start, end);
      const page = this.#byStem.get(stemOf(candidate));
      if (page !== undefined && this.#names.get(page) === candidate) return page;
      const only = this.#byBase.get(candidate);
      if (only) return only;
    }
    return undefined;
  }
}
