import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { PageId } from '../model/page.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { type GlobSegment, hasSpecial, literalSegments, matchesPath, namesOf, readGlob } from './glob.ts';

/** Which pages `--include` and `--exclude` let through. */
export interface PageFilter {
  takes(id: PageId): boolean;
  /** True where no page of the folder can be taken: it needs no look. */
  leavesOutFolder(folderId: string): boolean;
  /** The options whose pattern matched nothing so far, as they would be given: `--exclude 'x'`. */
  readonly unmatched: readonly string[];
}

/** The folder that page ids are relative to; a pattern that is the path of something in it means that. */
interface FilterSetup {
  readonly root?: string;
}

/**
 * A filter of globs on page ids, read as people know them from `.gitignore`: without `/` a glob means a file or folder of
 * that name at any depth; with one it starts at the input root; one that means a folder means all in it (`ch1`, `ch1/`,
 * `vol1/ch1/**`). No include: all pages. Excludes win.
 * @throws Refusal (2) as `readGlob`
 */
export async function pageFilter(
  include: readonly string[],
  exclude: readonly string[],
  { root }: FilterSetup = {},
): Promise<PageFilter> {
  const read = (globs: readonly string[]) => Promise.all(globs.map((glob) => PagePattern.read(glob, root)));
  const [included, excluded] = await Promise.all([read(include), read(exclude)]);
  if (included.length + excluded.length === 0)
    return { takes: () => true, leavesOutFolder: () => false, unmatched: [] };
  return {
    takes: (id) => {
      const names = namesOf(id);
      const isIncluded = anyOf(included, (pattern) => pattern.meansPage(names)) || included.length === 0;
      return !anyOf(excluded, (pattern) => pattern.meansPage(names)) && isIncluded;
    },
    leavesOutFolder: (folderId) => {
      const names = namesOf(folderId);
      return anyOf(excluded, (pattern) => pattern.meansFolder(names));
    },
    get unmatched() {
      return [
        ...included
          .filter(({ hasMatched }) => !hasMatched)
          .map(({ glob }) => `--include ${shellQuote([glob])}`),
        ...excluded
          .filter(({ hasMatched }) => !hasMatched)
          .map(({ glob }) => `--exclude ${shellQuote([glob])}`),
      ];
    },
  };
}

/** Asks those that have matched nothing yet as well, whoever else has an answer. */
function anyOf(patterns: readonly PagePattern[], ask: (pattern: PagePattern) => boolean): boolean {
  let isAny = false;
  for (const pattern of patterns) {
    if (isAny && pattern.hasMatched) continue;
    isAny = ask(pattern) || isAny;
  }
  return isAny;
}

const FOLDERS: GlobSegment = { is: 'folders' };
const ONE_NAME: GlobSegment = { is: 'pattern', tokens: [{ is: 'star' }], meansHidden: true };

/** One pattern of an option. */
class PagePattern {
  readonly glob: string;
  readonly #pages: readonly (readonly GlobSegment[])[];
  readonly #folders: readonly (readonly GlobSegment[])[];
  /** Names that mean this wherever they stand: of `{001..200}.png` there are many. */
  readonly #names: ReadonlySet<string>;
  readonly #onlyFolders: boolean;
  #hasMatched = false;

  private constructor(glob: string, readings: readonly (readonly GlobSegment[])[]) {
    this.glob = glob;
    this.#onlyFolders = MEANS_FOLDER.test(glob);
    const isAnchored = startsAtRoot(glob);
    const names = readings.map((reading) => (isAnchored ? undefined : onlyName(reading)));
    this.#names = new Set(names.flatMap((name) => name ?? []));
    const anchored = readings
      .filter((_reading, at) => names[at] === undefined)
      .map((reading) => (isAnchored ? reading : [FOLDERS, ...reading]));
    this.#folders = anchored.map((reading) => [...reading, FOLDERS]);
    this.#pages = this.#onlyFolders
      ? anchored.map((reading) => [...reading, ONE_NAME, FOLDERS])
      : this.#folders;
  }

  /** A path that is there means itself, whatever characters are in it; else it may be both. */
  static async read(glob: string, root: string | undefined): Promise<PagePattern> {
    const named = glob.replace(/^\.?\//, '').replace(MEANS_FOLDER, '');
    const literal = literalSegments(named);
    if (!hasSpecial(named)) return new PagePattern(glob, [literal]);
    const isThere = root !== undefined && (await exists(path.join(root, named)));
    return new PagePattern(glob, isThere ? [literal] : [literal, ...readGlob(named)]);
  }

  get hasMatched(): boolean {
    return this.#hasMatched;
  }

  meansPage(names: readonly string[]): boolean {
    return this.#noted(
      this.#hasName(names, this.#onlyFolders ? names.length - 1 : names.length) ||
        this.#pages.some((reading) => matchesPath(reading, names)),
    );
  }

  /** True for the folder itself, and for those in it. */
  meansFolder(names: readonly string[]): boolean {
    return this.#noted(
      this.#hasName(names, names.length) || this.#folders.some((reading) => matchesPath(reading, names)),
    );
  }

  #hasName(names: readonly string[], end: number): boolean {
    if (this.#names.size === 0) return false;
    for (let at = 0; at < end; at++) if (this.#names.has(names[at] ?? '')) return true;
    return false;
  }

  #noted(isMatch: boolean): boolean {
    this.#hasMatched ||= isMatch;
    return isMatch;
  }
}

/** The name that is all of a reading, where it is one. */
function onlyName([segment, ...more]: readonly GlobSegment[]): string | undefined {
  return segment?.is === 'literal' && more.length === 0 ? segment.name : undefined;
}

/** `ch1/`, `ch1/**` */
const MEANS_FOLDER = /\/(?:\*\*)?$/;

/** With a `/` at its front or within, a glob starts at the root; otherwise it may stand at any depth. */
const startsAtRoot = (glob: string): boolean => glob.endsWith('/**') || glob.replace(/\/$/, '').includes('/');

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
