import { lstat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../model/error-code.ts';
import type { PageId } from '../model/page.ts';
import { removeFile } from '../model/remove-file.ts';
import { sameForm } from './name-form.ts';

/** Parts of one run that start together may take each other's probe away so often. */
const PROBE_TRIES = 20;

/** A page's id without its suffix. */
export function stemOf(id: PageId): string {
  const dot = id.lastIndexOf('.');
  return dot > id.lastIndexOf('/') + 1 ? id.slice(0, dot) : id;
}

/** The path of a page's output relative to the output root: its own, or with the suffix `format` (no dot). */
export const outputNameOf = (id: PageId, format?: string): string =>
  format === undefined ? id : `${stemOf(id)}.${format}`;

/** Who has which final path. Two pages with one path are a collision: the first in order keeps it. */
export class Claims {
  readonly #owners = new Map<string, PageId>();

  /** Claims `outputPath` for a page; returns the other page that has it already, and leaves it to that one. */
  claim(outputPath: string, page: PageId, folding: Folding): PageId | undefined {
    const key = outputKey(outputPath, folding);
    const owner = this.#owners.get(key);
    if (owner !== undefined) return owner === page ? undefined : owner;
    this.#owners.set(key, page);
    return undefined;
  }

  /** True where `outputPath` is some page's. */
  has(outputPath: string, folding: Folding): boolean {
    return this.#owners.has(outputKey(outputPath, folding));
  }
}

/**
 * Which names a file system takes for one: `form`, where `é` is one character or two; `all`, where small letters and capitals
 * are one, too.
 */
export type Folding = 'none' | 'form' | 'all';

/** Equal for the paths that the output's file system takes for one file. */
export function outputKey(outputPath: string, folding: Folding): string {
  if (folding === 'none') return outputPath;
  return folding === 'form' ? sameForm(outputPath) : sameForm(outputPath).toLowerCase();
}

/**
 * Which names the file system of `folder` takes for one. Writes probes and removes them, always under the same names: what a
 * killed run left is used and removed by the next one. An error of writing is thrown as it comes.
 */
export async function probeFolding(folder: string): Promise<Folding> {
  if (await isOneFile(folder, ['.mgpu-case', '.MGPU-CASE'])) return 'all';
  const accented = '.mgpu-form-\u00e9';
  // One that takes no such name has no two forms of it.
  const foldsForm = await isOneFile(folder, [accented, accented.normalize('NFD')]).catch(() => false);
  return foldsForm ? 'form' : 'none';
}

async function isOneFile(folder: string, [name, other]: readonly [string, string]): Promise<boolean> {
  const probe = path.join(folder, name);
  try {
    for (let tries = 0; tries < PROBE_TRIES; tries += 1) {
      await writeFile(probe, '', { flag: 'wx' }).catch((error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error;
      });
      if (await isThere(path.join(folder, other))) return true;
      // Another part may have removed the probe just before: it has the same one.
      if (await isThere(probe)) return false;
    }
    return false;
  } finally {
    await removeFile(probe);
  }
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
