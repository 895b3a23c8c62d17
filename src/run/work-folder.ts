import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { removeTree } from './batch-folder.ts';
import type { RunFolders } from './output-folder.ts';
import { diskTrouble } from './place.ts';

/** Where work in progress is, from a run's start to its end. */
export class WorkFolder {
  /** Where the work of killed runs was put aside: what they had made of pages may be worth having. */
  readonly old: readonly string[];
  readonly #folder: string;
  /** The first of the folders that had to be made for it. */
  readonly #made: string | undefined;
  #oldIsWorthless = false;

  private constructor(folder: string, { old, made }: { old: readonly string[]; made: string | undefined }) {
    this.#folder = folder;
    this.old = old;
    this.#made = made;
  }

  /**
   * Makes the folder; what a killed run left there is put aside.
   * @throws Refusal (3) where the disk has no room or no right for it
   */
  static async open({ work }: RunFolders, run: string): Promise<WorkFolder> {
    // Removed at the end: on some file systems new links are slow right after many old ones were removed.
    await rename(work, `${work}.old-${run}`).catch((error: NodeJS.ErrnoException) => {
      // What was made there for other options must not be taken for this run's.
      if (error.code !== 'ENOENT') throw diskTrouble(error, work);
    });
    const old = await oldOf(work);
    const made = await mkdir(work, { recursive: true }).catch((error) => {
      throw diskTrouble(error, work);
    });
    return new WorkFolder(work, { old, made });
  }

  /** Nothing in the old ones is of use any more. Until then they stay for the next run. */
  oldIsWorthless(): void {
    this.#oldIsWorthless = true;
  }

  /** Removes it, unless it is to be kept, and old ones that nobody needs. */
  async close({ keep }: { keep: boolean }): Promise<void> {
    if (!keep) await removeTree(this.#folder);
    if (this.#oldIsWorthless) await Promise.all(this.old.map(removeTree));
    await removeEmptyAbove(this.#folder, this.#made);
  }
}

async function oldOf(work: string): Promise<string[]> {
  const folder = path.dirname(work);
  const names = await readdir(folder).catch(() => []);
  const old = names.filter((name) => name.startsWith(`${path.basename(work)}.old-`));
  return old.map((name) => path.join(folder, name));
}

/** Folders that were made for the work folder; that of a part stands in one of all parts, which the last one takes along. */
async function removeEmptyAbove(work: string, made: string | undefined): Promise<void> {
  const folder = path.dirname(work);
  const least = made === undefined || made === work ? undefined : path.dirname(made);
  for (let at = folder; least !== undefined && at.length > least.length; at = path.dirname(at)) {
    await rmdir(at).catch(() => {});
  }
  if (path.basename(folder) === 'work') await rmdir(folder).catch(() => {});
}
