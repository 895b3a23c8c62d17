import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { isOddPath, RefusedName, whatIsRefused } from '../../pages/refused-name.ts';

/**
 * Tells of pages, before a translator works on them, that the output's disk takes no such name. Names that any disk takes cost
 * no look at it.
 */
export class NameCheck {
  readonly #folder: string;
  readonly #looked = new Map<string, Promise<boolean>>();

  /** @param folder a folder of the run's own on the output's disk; made where it is needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Why the page can't have an output; undefined where it can, as far as its name goes. Never rejects. */
  async troubleWith(page: PageId): Promise<string | undefined> {
    for (const name of page.split('/')) {
      if (!isOddPath(name) || !(await this.#isRefused(name))) continue;
      return `the output's disk takes ${whatIsRefused(name)}: rename "${name}", or choose an --output on another disk`;
    }
    return undefined;
  }

  #isRefused(name: string): Promise<boolean> {
    const known = this.#looked.get(name);
    if (known !== undefined) return known;
    const looked = this.#look(path.join(this.#folder, name));
    this.#looked.set(name, looked);
    return looked;
  }

  /** Anything but a refusal of the name is found out where the output is placed. */
  async #look(place: string): Promise<boolean> {
    try {
      const made = await makeFolder(place);
      if (made !== undefined) await rmdir(place);
      return false;
    } catch (error) {
      return error instanceof RefusedName && error.path === place;
    }
  }
}
