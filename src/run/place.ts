import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
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
  const trouble = DISK_TROUBLES[(error as NodeJS.ErrnoException).code ?? ''];
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

  /** Moves a finished file over whatever stands at `to`. @throws Refusal where the disk is the trouble */
  async move(from: string, to: string): Promise<void> {
    try {
      await this.#folderFor(to);
      await rename(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw diskTrouble(error, to);
      await this.copy(from, to);
      await rm(from, { force: true });
    }
  }

  /** Copies a file beside its target, then renames it. @throws Refusal where the disk is the trouble */
  async copy(from: string, to: string): Promise<void> {
    const beside = path.join(path.dirname(to), `.mgpu-${randomUUID()}.part`);
    try {
      await this.#folderFor(to);
      await copyFile(from, beside);
      await rename(beside, to);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {});
      throw diskTrouble(error, to);
    }
  }

  async #folderFor(file: string): Promise<void> {
    const folder = path.dirname(file);
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }
}
