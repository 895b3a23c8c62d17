import path from 'node:path';
import { type Page, placeOf } from '../../model/page.ts';
import { type Refusal, usageError } from '../../model/refusal.ts';
import { looksCaseFolding } from '../../pages/case-folding.ts';
import type { ResolvedInputs } from '../../pages/inputs.ts';
import { isWithin, realPathOf } from '../../pages/linked-folders.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { outputKey } from '../../pages/output-name.ts';
import { keyOf, type RawPath, writtenName } from '../../pages/raw-path.ts';
import type { RunFolders } from './run-folders.ts';

const LOOKS_AT_ONCE = 64;

/** Where the output folder really is, and what it was before the run. */
interface OutputFound {
  readonly folders: Pick<RunFolders, 'output' | 'existed'>;
  readonly real: RawPath;
  /** It holds names that no run made: outputs of another program, or pages. */
  readonly isForeign: boolean;
}

/**
 * The folders that hold originals, by their real paths, and those that outputs go to: the two must never meet. A walk adds the
 * linked folders that it enters. Paths are compared by their bytes, and without case where the file system does so.
 */
export class Originals {
  readonly #output: OutputFound;
  /** Folders with all that is below them: key → path. */
  readonly #trees = new Map<string, RawPath>();
  /** Trees by a key without case. */
  readonly #folded = new Map<string, RawPath>();
  /** Folders of single files: what lies below them is no original. */
  readonly #folders = new Set<string>();
  /** Real folders of outputs, so far: key → path as it was named. */
  readonly #places = new Map<string, string>();
  readonly #placesSeen = new Set<string>();
  /** Files in the output may be originals. Looking for what each linked page leads to takes seconds where there are many. */
  #mayHoldOriginals: boolean;

  constructor(output: OutputFound) {
    this.#output = output;
    this.#mayHoldOriginals = output.isForeign;
  }

  /** Adds a folder of originals with all that is below it. @throws Refusal (2) where outputs go there */
  addTree(real: RawPath): void {
    this.#trees.set(keyOf(real), real);
    this.#folded.set(foldedKey(real), real);
    for (const [place, name] of this.#places) {
      if (isWithin(place, keyOf(real)) && !this.#isOwnPlace(place, keyOf(real))) {
        throw leadsIntoInput(name, real);
      }
    }
  }

  /** Adds a folder that holds an original itself. @throws Refusal (2) where outputs go there */
  addFolder(real: RawPath): void {
    const key = keyOf(real);
    this.#folders.add(key);
    const place = this.#places.get(key);
    if (place === undefined) return;
    throw usageError(
      `--output: ${place} contains originals: links in the input point there`,
      'choose another output folder: originals are never overwritten',
    );
  }

  /** A linked folder of an input that lies in the output. @throws Refusal (2) where its pages are no run's outputs */
  linkIntoOutput(id: string): void {
    if (!this.#output.isForeign) return;
    throw usageError(
      `--output ${this.#output.folders.output}: ${id} of the input is a link into it`,
      'choose another folder: originals are never overwritten',
    );
  }

  /** The folder of originals that holds a real folder, or is it; undefined for one that outputs may go to. */
  async holderOf(real: RawPath): Promise<RawPath | undefined> {
    const key = keyOf(real);
    if (this.#folders.has(key)) return real;
    for (let at = key; ; at = path.posix.dirname(at)) {
      const tree = this.#trees.get(at);
      if (tree !== undefined) return this.#isOwnPlace(key, at) ? undefined : tree;
      if (at === path.posix.dirname(at)) break;
    }
    for (let at = foldedKey(real); at !== path.posix.dirname(at); at = path.posix.dirname(at)) {
      const tree = this.#folded.get(at);
      if (tree !== undefined && (await looksCaseFolding(String(tree)))) return tree;
    }
    return undefined;
  }

  /** Sees to it that a folder that something is about to be written to holds no originals. @throws Refusal (2) */
  async assertFree(folder: string): Promise<void> {
    const holder = await this.holderOf(await realPathOf(folder));
    if (holder !== undefined) throw leadsIntoInput(folder, holder);
  }

  /**
   * Sees to it that no output of these pages goes where an original is, before anything is made. A page whose place is in an
   * input that lies in the output is left to its collision. @throws Refusal (2)
   */
  async assertApart(pages: readonly Page[]): Promise<void> {
    const { folders, real } = this.#output;
    // What is made by this run leads nowhere.
    if (!folders.existed) return;
    const fresh = new Set(pages.map((page) => path.posix.dirname(placeOf(page, page.id))));
    for (const folder of fresh) if (this.#placesSeen.has(folder)) fresh.delete(folder);
    await mapLimited([...fresh], LOOKS_AT_ONCE, async (folder) => {
      this.#placesSeen.add(folder);
      const place = path.join(folders.output, folder);
      const found = await realPathOf(place);
      const holder = await this.holderOf(found);
      const isByName = keyOf(found) === keyOf(path.join(String(real), folder));
      if (holder !== undefined && !(isByName && isWithin(keyOf(holder), keyOf(real)))) {
        throw leadsIntoInput(place, holder);
      }
      this.#places.set(keyOf(found), place);
      if (!isByName) this.#mayHoldOriginals = true;
    });
    if (!this.#mayHoldOriginals) return;
    const linked = pages.filter(({ isLink, unreadable }) => isLink && unreadable === undefined);
    const originals = await mapLimited(linked, LOOKS_AT_ONCE, (page) => realPathOf(page.path));
    for (const original of originals)
      if (typeof original === 'string') this.addFolder(path.dirname(original));
  }

  /** An output folder in an input may be written to, as may all that is below it. */
  #isOwnPlace(place: string, tree: string): boolean {
    const output = keyOf(this.#output.real);
    return output !== tree && isWithin(output, tree) && isWithin(place, output);
  }
}

/** The refusal of a folder for outputs that really is where originals are. */
export const leadsIntoInput = (place: string, holder: RawPath): Refusal =>
  usageError(
    `--output: ${place} leads through a link into ${writtenName(holder)}, which contains originals`,
    'remove that link, or choose another output folder: originals are never overwritten',
  );

/** The input folders by their real paths, in the order of the inputs. */
export const realFolders = ({
  entries,
}: Pick<ResolvedInputs, 'entries'>): Promise<{ readonly path: string; readonly real: RawPath }[]> =>
  mapLimited(
    entries.filter(({ kind }) => kind === 'folder'),
    LOOKS_AT_ONCE,
    async (entry) => ({ path: entry.path, real: await realPathOf(entry.path) }),
  );

const foldedKey = (real: RawPath): string => outputKey(writtenName(real), 'all');
