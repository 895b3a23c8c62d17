import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { unlessOutOfFiles } from '../model/open-files.ts';
import type { OutputCheck, SeenFile } from './output-check.ts';
import type { OutputNames } from './output-names.ts';
import type { PageSigns } from './page-signs.ts';
import { clockNow, writtenMs } from './written-time.ts';

/** An image that may be a page's output, while nobody knows how outputs are named. */
export type UnnamedImage = Pick<SeenFile, 'page' | 'name'>;

interface UnnamedSetup {
  readonly folder: string;
  readonly names: Pick<OutputNames, 'pageNear'>;
  readonly check: OutputCheck;
  readonly signs: PageSigns;
}

/** The images of a child that have pages' stems in their names and are no outputs as far as names are known: signs that it works. */
export class UnnamedImages {
  readonly #setup: UnnamedSetup;
  readonly #seen = new Map<string, SeenFile>();
  readonly #whole = new Set<string>();
  /** Files that were looked at, whatever they are. */
  readonly #known = new Set<string>();
  #fresh: UnnamedImage[] = [];

  constructor(setup: UnnamedSetup) {
    this.#setup = setup;
  }

  /** Adds those of the files that were not there before, which were written after `notBeforeMs`. */
  async add(files: Iterable<string>, notBeforeMs: number): Promise<void> {
    const { folder, names, signs } = this.#setup;
    const fresh: SeenFile[] = [];
    for (const name of files) {
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      const page = names.pageNear(name);
      if (page === undefined) continue;
      const stats = await lstat(path.join(folder, name)).catch(unlessOutOfFiles(undefined));
      if (!stats) continue;
      const { ctimeMs } = stats;
      fresh.push({
        page,
        name,
        ctimeMs,
        notBeforeMs,
        writtenMs: writtenMs(stats, { notBeforeMs }, clockNow()),
      });
    }
    for (const file of fresh.sort((a, b) => a.ctimeMs - b.ctimeMs)) {
      signs.written(file.page, file.writtenMs);
      this.#seen.set(file.name, file);
      this.#fresh.push(file);
    }
  }

  /** How many there were so far. */
  get size(): number {
    return this.#seen.size;
  }

  /** Those that were added since it was asked last, in the order they were written. */
  takeFresh(): UnnamedImage[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Of how many pages an image is whole by its format's end. */
  async countWhole(): Promise<number> {
    const open = [...this.#seen.values()].filter(({ name }) => !this.#whole.has(name));
    const checked = open.length === 0 ? [] : await this.#setup.check.check(open);
    for (const [at, file] of checked.entries()) {
      const name = open[at]?.name;
      if (name !== undefined && file.isOutput && file.output.endChecked) this.#whole.add(name);
    }
    return new Set([...this.#whole].map((name) => this.#seen.get(name)?.page)).size;
  }

  /** It is known now how outputs are named. */
  forget(): void {
    this.#seen.clear();
    this.#known.clear();
    this.#whole.clear();
    this.#fresh = [];
  }
}
