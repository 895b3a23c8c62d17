import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../model/open-files.ts';
import type { Page, PageId } from '../model/page.ts';
import { hasImageSuffix } from '../pages/image-format.ts';
import { sameForm } from '../pages/name-form.ts';
import { outputNameOf, stemOf } from '../pages/output-name.ts';
import { beginsEnding, nameBy, type OutputPattern, OWN_NAMES, stemBy } from '../pages/output-pattern.ts';

/** Under which names pages stand in a batch, and with which suffix their outputs come. */
export interface BatchNames {
  /** A page's relative name in the batch. */
  readonly nameInBatch: (page: PageId) => string;
  /** Suffix of all outputs, without a dot; missing: each page's own. */
  readonly format: string | undefined;
  /** How the program names its outputs, as far as it is known now; missing: as their pages are called. */
  readonly naming?: {
    readonly now: OutputPattern;
    /** Nobody has said so, and no output has come. */
    readonly isGuess: boolean;
  };
}

/** Of a longer name only its beginning is looked at: each costs the square of its length. */
const LONGEST_AROUND = 100;

/** Says which page of a batch an output file belongs to: its exact name, else the image of its stem. Names are compared in one form. */
export class OutputNames {
  readonly #byStem = new Map<string, PageId>();
  readonly #names: BatchNames;
  #alike: ReadonlySet<PageId> | undefined;

  /** No two of the pages may have one stem, in whatever form. */
  constructor(pages: readonly Page[], names: BatchNames) {
    this.#names = names;
    for (const { id } of pages) this.#byStem.set(sameForm(stemOf(names.nameInBatch(id))), id);
  }

  /** How outputs are named now. */
  get pattern(): OutputPattern {
    return this.#names.naming?.now ?? OWN_NAMES;
  }

  pageOf(name: string): PageId | undefined {
    const page = this.#pageBy(name);
    return page !== undefined && (this.#isNameOf(page, name) || hasImageSuffix(name)) ? page : undefined;
  }

  /** The page whose stem an image has in its name, with whatever around it: the longest one from its beginning, else any. */
  pageNear(name: string): PageId | undefined {
    if (!hasImageSuffix(name)) return undefined;
    const stem = sameForm(stemOf(name));
    const base = stem.lastIndexOf('/') + 1;
    const last = stem.length - base > LONGEST_AROUND ? base : stem.length - 1;
    for (let start = base; start <= last; start += 1) {
      for (let end = stem.length; end > start; end -= 1) {
        const page = this.#byStem.get(stem.slice(0, base) + stem.slice(start, end));
        if (page !== undefined) return page;
      }
    }
    return undefined;
  }

  /** True for a page whose own name is another's with an ending: where names are guessed, its output may be that one's. */
  isUncertain(page: PageId): boolean {
    if (!this.#names.naming?.isGuess) return false;
    this.#alike ??= new Set(
      [...this.#byStem].flatMap(([stem, id]) => (this.#isOtherWithEnding(stem) ? [id] : [])),
    );
    return this.#alike.has(page);
  }

  /** True where some of a child's files are images and no outputs, and whatever else there is may be a page's or another's. */
  areUnclear(names: readonly string[]): boolean {
    if (!this.#names.naming?.isGuess) return false;
    const pages = names.map((name) => this.pageOf(name));
    if (pages.some((page) => page !== undefined && !this.isUncertain(page))) return false;
    return names.some((name, at) => pages[at] === undefined && hasImageSuffix(name));
  }

  #isOtherWithEnding(stem: string): boolean {
    for (let end = stem.lastIndexOf('/') + 2; end < stem.length; end += 1) {
      if (beginsEnding(stem.slice(end)) && this.#byStem.has(stem.slice(0, end))) return true;
    }
    return false;
  }

  isExact(name: string): boolean {
    const page = this.#pageBy(name);
    return page !== undefined && this.#isNameOf(page, name);
  }

  #pageBy(name: string): PageId | undefined {
    const stem = stemBy(this.pattern, name);
    return stem === undefined ? undefined : this.#byStem.get(stem);
  }

  #isNameOf(page: PageId, name: string): boolean {
    const { nameInBatch, format } = this.#names;
    return sameForm(nameBy(this.pattern, outputNameOf(nameInBatch(page), format))) === sameForm(name);
  }
}

const isLink = async (at: string): Promise<boolean> =>
  (await lstat(at).catch(() => undefined))?.isSymbolicLink() === true;

/**
 * All files below a folder, relative to it, without those that links lead to; none where the folder isn't there.
 * @param root the folder around it that a child has for itself; missing: the parent
 */
export async function listFiles(folder: string, root = path.dirname(folder)): Promise<string[]> {
  // A child may have put a link in its place, or in a folder's on the way: what that leads to is not its output.
  for (let at = folder; ; at = path.dirname(at)) {
    if (await isLink(at)) return [];
    if (at === root || at === path.dirname(at)) return filesBelow(folder, '');
  }
}

async function filesBelow(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
    unlessOutOfFiles([]),
  );
  const found: string[] = [];
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, name)));
    else found.push(name);
  }
  return found;
}
