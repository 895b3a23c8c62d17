import { realpath } from 'node:fs';
import path from 'node:path';
import { isLeftOutName } from './left-out-names.ts';
import type { PageFilter } from './page-filter.ts';
import { keyOf, type RawPath, rawOf, writtenName } from './raw-path.ts';
import { STATE_FOLDER } from './state-folder.ts';

/** A folder with what a walk needs to know: where it is, how ids call it, and where it really is. */
export interface Place {
  readonly path: RawPath;
  /** Relative to the input root; empty for the root itself. */
  readonly id: string;
  /** Without links. */
  readonly real: RawPath;
}

/**
 * Which folders a walk has been in, so that links make it come to none twice and never in a circle. Folders are told apart
 * by their real path: inode numbers repeat on some network and shared file systems, and a folder dropped for that would
 * be pages dropped without a word.
 */
export class WalkedFolders {
  readonly #walked = new Set<string>();
  readonly #bases: { readonly key: string; readonly id: string }[] = [];
  readonly #baseKeys = new Set<string>();
  readonly #keptOut: readonly string[];
  readonly #filter: PageFilter;

  /** `leaveOut`: real paths of folders that no walk enters. */
  constructor(leaveOut: readonly RawPath[], filter: PageFilter) {
    this.#keptOut = leaveOut.map(keyOf);
    this.#filter = filter;
  }

  /** Tells of a folder that is going to be walked with all below it. */
  addBase({ real, id }: Place): void {
    const key = keyOf(real);
    this.#bases.push({ key, id });
    this.#baseKeys.add(key);
  }

  /** True the first time; false for a folder that was entered before. */
  enter(real: RawPath): boolean {
    const key = keyOf(real);
    if (this.#walked.has(key)) return false;
    this.#walked.add(key);
    return true;
  }

  /** True for a folder that is told of itself: it has its own walk. */
  isBase(real: RawPath): boolean {
    return this.#baseKeys.has(keyOf(real));
  }

  /** True for a folder that is told of, and for those around it. */
  holdsBase(folder: string): boolean {
    const key = keyOf(folder);
    return this.#bases.some((base) => isWithin(base.key, key));
  }

  /** True for the folders that the run writes to itself, except where an input in one of them holds the folder. */
  keepsOut(real: RawPath): boolean {
    const key = keyOf(real);
    return this.#keptOut.some(
      (kept) =>
        isWithin(key, kept) &&
        !this.#bases.some((base) => isWithin(base.key, kept) && isWithin(key, base.key)),
    );
  }

  /** True where a linked folder leads above itself, or to what is walked under its own name: that name is the better one. */
  isWalkedAnyway(linked: RawPath, from: Place): boolean {
    const key = keyOf(linked);
    if (this.#walked.has(key) || isWithin(keyOf(from.real), key)) return true;
    return this.#bases.some((base) => isWithin(key, base.key) && this.#reaches(base, key));
  }

  #reaches(base: { readonly key: string; readonly id: string }, key: string): boolean {
    let id = base.id;
    for (const part of key.slice(base.key.length).split('/').filter(Boolean)) {
      if (isLeftOutName(part)) return false;
      const name = writtenName(rawOf(Buffer.from(part, 'latin1')));
      id = id === '' ? name : `${id}/${name}`;
      if (this.#filter.leavesOutFolder(id)) return false;
    }
    return true;
  }
}

/** True for a folder's key, and for those of what lies in it. */
export const isWithin = (key: string, folder: string): boolean =>
  key === folder || key.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** True for what lies in the folder that a run keeps for itself in its output. */
export const isOfState = (place: RawPath): boolean => keyOf(place).split('/').includes(STATE_FOLDER);

/** A path without links; what does not exist yet is put below the real path of what does. */
export async function realPathOf(place: RawPath): Promise<RawPath> {
  try {
    return await existingRealPath(place);
  } catch {
    const text = path.resolve(String(place));
    const parent = path.dirname(text);
    return parent === text ? text : path.join(String(await realPathOf(parent)), path.basename(text));
  }
}

const existingRealPath = (place: RawPath): Promise<RawPath> =>
  new Promise((resolve, reject) => {
    realpath.native(place, 'buffer', (error, found) => (error ? reject(error) : resolve(rawOf(found))));
  });
