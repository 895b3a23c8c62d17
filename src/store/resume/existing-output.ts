import { readdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { unlessOutOfFiles } from '../../model/open-files.ts';
import type { Page } from '../../model/page.ts';
import { otherFormOf, sameForm } from '../../pages/name-form.ts';
import { stemOf } from '../../pages/output-name.ts';
import { byPartOfStem } from './stray-outputs.ts';

/** How to find what stands in a page's place. */
export interface ExistingOutputSetup {
  readonly outputRoot: string;
  /** Where a page's output belongs, relative to the output root. */
  readonly outputName: (page: Page) => string;
  readonly isImageName: (name: string) => boolean;
  readonly listFolder?: (folder: string) => Promise<readonly string[]>;
}

/**
 * Finds files that stand where a page's output belongs: that of its exact name, else the only one of that name in another
 * form, else the only image of its stem; the latter two where no other page of its folder has that stem. Each folder is
 * listed once.
 */
export class ExistingOutputs {
  readonly #lists = new Map<string, Promise<Names>>();

  readonly #setup: ExistingOutputSetup;

  constructor(setup: ExistingOutputSetup) {
    this.#setup = setup;
  }

  /** Path relative to the output root, or undefined where nothing stands there. */
  async of(page: Page): Promise<string | undefined> {
    const { outputRoot, outputName } = this.#setup;
    const expected = outputName(page);
    const folder = posix.dirname(expected);
    const there = await this.#names(join(outputRoot, folder));
    if (there.exact.has(posix.basename(expected))) return expected;
    const images = there.imagesByStem.get(sameForm(stemOf(posix.basename(expected)))) ?? [];
    const only = images.length === 1 ? images[0] : otherFormOf(posix.basename(expected), images);
    if (only === undefined) return undefined;
    const sources = await this.#names(dirname(page.path));
    const claimants = sources.imagesByStem.get(sameForm(stemOf(posix.basename(page.id)))) ?? [];
    return claimants.length > 1 ? undefined : posix.join(folder, only);
  }

  /**
   * An image that may be a page's output under another name (`001_out.png`, or `001.png` in the output root for
   * `ch1/001.png`), relative to the output root. None that has some page's own name.
   */
  async strayOf(page: Page): Promise<string | undefined> {
    const { outputRoot, outputName } = this.#setup;
    const expected = outputName(page);
    const folder = posix.dirname(expected);
    const stem = sameForm(stemOf(posix.basename(expected)));
    const there = await this.#names(join(outputRoot, folder));
    there.byPart ??= byPartOfStem([...there.imagesByStem.values()].flat());
    const sources = await this.#names(dirname(page.path));
    const isNoPages = (image: string): boolean => !sources.imagesByStem.has(sameForm(stemOf(image)));
    const stray = there.byPart.get(stem)?.find(isNoPages);
    if (stray !== undefined || folder === '.')
      return stray === undefined ? undefined : posix.join(folder, stray);
    const root = page.path.endsWith(`/${page.id}`) ? page.path.slice(0, -page.id.length) : undefined;
    const isPageOfRoot = root !== undefined && (await this.#names(root)).imagesByStem.has(stem);
    return isPageOfRoot ? undefined : (await this.#names(outputRoot)).imagesByStem.get(stem)?.[0];
  }

  #names(folder: string): Promise<Names> {
    const known = this.#lists.get(folder) ?? this.#list(folder);
    this.#lists.set(folder, known);
    return known;
  }

  async #list(folder: string): Promise<Names> {
    const { listFolder = readdir, isImageName } = this.#setup;
    // A folder that isn't there, or that nobody may read, has nothing to adopt.
    const names = await listFolder(folder).catch(unlessOutOfFiles<readonly string[]>([]));
    const imagesByStem = new Map<string, string[]>();
    for (const name of names) {
      if (!isImageName(name)) continue;
      const stem = sameForm(stemOf(name));
      const same = imagesByStem.get(stem);
      if (same) same.push(name);
      else imagesByStem.set(stem, [name]);
    }
    return { exact: new Set(names), imagesByStem };
  }
}

interface Names {
  readonly exact: ReadonlySet<string>;
  readonly imagesByStem: ReadonlyMap<string, readonly string[]>;
  /** Made where it is asked for. */
  byPart?: ReadonlyMap<string, readonly string[]>;
}
