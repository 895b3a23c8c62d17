import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import { isForbidden, patiently } from '../../model/file-errors.ts';
import type { PageId, PageSource } from '../../model/page.ts';
import { removeFile } from '../../model/remove-file.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { copyToNew, UnreadableSource, unpackToNew } from './copy-file.ts';
import { type OutputTroubleSetup, outputTrouble } from './output-trouble.ts';

/** A file that was looked at before it is moved. */
export interface KnownFile {
  readonly path: string;
  /** It is a link, or its content has another name too: that of an original, perhaps. */
  readonly isLink?: boolean;
}

/** What a mover is told, and whom it tells. */
interface FileMoverSetup extends OutputTroubleSetup {
  /** Refuses folders that nothing may be put in; asked before a folder is first used, or made. */
  readonly assertFree?: (folder: string) => Promise<void>;
  /** Hears what nobody has to stop for, once. */
  readonly tell?: (text: string) => void;
}

/**
 * Puts files where they belong: each appears there whole or not at all, across file systems too. What a killed run had
 * copied of a page goes when that page is placed again: other parts may be copying theirs in the same folder. An error that
 * may pass is waited for; one that is certainly the disk's, and not of this one file, is a Refusal.
 */
export class FileMover {
  /** Folders that are there, or about to be. */
  readonly #made = new Map<string, Promise<void>>();
  /** Copies that were there before, by what their paths begin with. */
  readonly #left = new Map<string, string[]>();
  readonly #setup: FileMoverSetup;
  readonly #told = new Set<string>();

  constructor(setup: FileMoverSetup = {}) {
    this.#setup = setup;
  }

  /**
   * Moves a finished file over whatever stands at `to`. A link to a file, hard ones too, arrives as a file of its own: what it
   * leads to may go with the work folder, or is an original. Where only a path is given, the file is looked at first.
   * One that may not be moved, as another user made its folder, is copied, and stays where it is if it has to.
   * @throws RefusedName where the disk takes no such name, Refusal where the disk is the trouble, or the folder may not be used
   */
  async move(file: string | KnownFile, to: string, page?: PageId): Promise<void> {
    const from = typeof file === 'string' ? file : file.path;
    try {
      if (!(typeof file === 'string' ? await isLinkToFile(file) : file.isLink)) {
        await this.#inFolderOf(to, () => rename(from, to));
        if (this.#left.size > 0) await this.#removeLeft(copyStem(to, page));
        return;
      }
    } catch (error) {
      if (errorCode(error) !== 'EXDEV' && !isForbidden(error)) throw await this.#trouble(error, { from, to });
    }
    await this.copy(from, to, page);
    // It is where it belongs: what can't be removed goes with the work folder, or stays there.
    await rm(from, { force: true }).catch((error: unknown) => {
      if (!isForbidden(error)) return;
      const text =
        "The translator runs as another user, whose files can't be moved. Its outputs are copied, and that user has to remove";
      this.tellOnce('foreign', `${text} ${path.dirname(from)}.`);
    });
  }

  /** Tells of the first trouble of each kind that is no page's. */
  tellOnce(kind: 'foreign' | 'beside', text: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#setup.tell?.(text);
  }

  #trouble(error: unknown, move: { readonly from?: string; readonly to: string }): Promise<unknown> {
    return outputTrouble(error, { ...move, ...this.#setup });
  }

  /**
   * Copies a file, or a page, beside its target, then renames it.
   * @throws UnreadableSource where the file can't be read, else as `move`
   */
  async copy(from: string | PageSource, to: string, page?: PageId): Promise<void> {
    const stem = copyStem(to, page);
    try {
      await this.#inFolderOf(to, async () => {
        await this.#removeLeft(stem);
        const beside = `${stem}-${randomUUID()}.part`;
        try {
          if (typeof from !== 'string' && from.entry) await unpackToNew(from.entry, beside);
          else await copyToNew(typeof from === 'string' ? from : from.path, beside);
          await rename(beside, to);
        } catch (error) {
          await removeFile(beside);
          throw error;
        }
      });
    } catch (error) {
      throw error instanceof UnreadableSource ? error : await this.#trouble(error, { to });
    }
  }

  /** Acts once the file's folder is made; once more where somebody has removed that since. */
  async #inFolderOf(file: string, act: () => Promise<void>): Promise<void> {
    const folder = path.dirname(file);
    const made = this.#made.get(folder);
    if (made !== undefined) {
      try {
        await made;
        return await patiently(act);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
        if (this.#made.get(folder) === made) this.#made.delete(folder);
      }
    }
    await this.#folderMade(folder);
    await patiently(act);
  }

  /** Pages that finish together come to a new folder together: it is made once. */
  #folderMade(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = this.#make(folder);
    this.#made.set(folder, made);
    // The next page tries again.
    made.catch(() => this.#made.delete(folder));
    return made;
  }

  async #make(folder: string): Promise<void> {
    await this.#setup.assertFree?.(folder);
    const isNew = (await makeFolder(folder)) !== undefined;
    if (!isNew) await this.#lookForLeft(folder);
  }

  async #lookForLeft(folder: string): Promise<void> {
    for (const name of await readdir(folder).catch(() => [])) {
      const [, stem] = COPY.exec(name) ?? [];
      if (stem === undefined) continue;
      const key = path.join(folder, stem);
      this.#left.set(key, [...(this.#left.get(key) ?? []), path.join(folder, name)]);
    }
  }

  async #removeLeft(stem: string): Promise<void> {
    const left = this.#left.get(stem) ?? [];
    this.#left.delete(stem);
    for (const file of left) await removeFile(file);
  }
}

const COPY = /^(\.mgpu-[0-9a-f]{16})-.*\.part$/;

/** What the path of a copy begins with: for a page the same in each run, as no two runs have one page at a time. */
function copyStem(to: string, page: PageId | undefined): string {
  const name =
    page === undefined ? randomUUID() : createHash('sha256').update(page).digest('hex').slice(0, 16);
  return path.join(path.dirname(to), `.mgpu-${name}`);
}

async function isLinkToFile(file: string): Promise<boolean> {
  const found = await lstat(file);
  if (!found.isSymbolicLink()) return found.isFile() && found.nlink > 1;
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
