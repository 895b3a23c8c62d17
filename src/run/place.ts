import { randomUUID } from 'node:crypto';
import { copyFile, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { cannotRun, Refusal } from '../refusal.ts';

/** The disk, not the page, is the trouble: no other page would fare better. */
const DISK_TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'writing is not allowed',
  EPERM: 'writing is not allowed',
  EIO: 'the disk fails',
  ESTALE: 'the network disk went away',
  ENOTCONN: 'the network disk went away',
};

/** A trouble of the disk as a Refusal that ends the run; anything else as it is, to be the page's own failure. */
export function diskTrouble(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error;
  const trouble = DISK_TROUBLES[codeOf(error) ?? ''];
  return trouble === undefined
    ? error
    : cannotRun(
        `${trouble}: can't write ${file}`,
        'free space or mend the disk; the same command then goes on from here',
      );
}

/** Puts files where they belong: each appears there whole or not at all, across file systems too. */
export class Placer {
  readonly #made = new Set<string>();
  readonly #mayGetLinks: boolean;

  /** @param mayGetLinks outputs may be symbolic links: a look at each costs about what its renaming does */
  constructor({ mayGetLinks = true } = {}) {
    this.#mayGetLinks = mayGetLinks;
  }

  /**
   * Moves a finished file over whatever stands at `to`. A link to a file arrives as a file of its own: what it leads to
   * may go with the work folder. @throws Refusal where the disk is the trouble
   */
  async move(from: string, to: string): Promise<void> {
    try {
      if (!this.#mayGetLinks || !(await isLinkToFile(from))) {
        await this.#inFolderOf(to, () => rename(from, to));
        return;
      }
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw diskTrouble(error, to);
    }
    await this.copy(from, to);
    await rm(from, { force: true });
  }

  /** Copies a file beside its target, then renames it. @throws Refusal where the disk is the trouble */
  async copy(from: string, to: string): Promise<void> {
    const beside = path.join(path.dirname(to), `.mgpu-${randomUUID()}.part`);
    try {
      await this.#inFolderOf(to, async () => {
        await copyFile(from, beside);
        await rename(beside, to);
      });
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {});
      throw diskTrouble(error, to);
    }
  }

  /** Acts once the file's folder is made; once more where somebody has removed that since. */
  async #inFolderOf(file: string, act: () => Promise<void>): Promise<void> {
    const folder = path.dirname(file);
    if (this.#made.has(folder)) {
      try {
        return await act();
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        this.#made.delete(folder);
      }
    }
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
    await act();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

async function isLinkToFile(file: string): Promise<boolean> {
  if (!(await lstat(file)).isSymbolicLink()) return false;
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
