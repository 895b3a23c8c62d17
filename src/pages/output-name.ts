import { randomUUID } from 'node:crypto';
import { lstat, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PageId } from '../model/page.ts';

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
  claim(outputPath: string, page: PageId, foldCase: boolean): PageId | undefined {
    const key = outputKey(outputPath, foldCase);
    const owner = this.#owners.get(key);
    if (owner !== undefined) return owner === page ? undefined : owner;
    this.#owners.set(key, page);
    return undefined;
  }

  /** True where `outputPath` is some page's. */
  has(outputPath: string, foldCase: boolean): boolean {
    return this.#owners.has(outputKey(outputPath, foldCase));
  }
}

/** Equal for the paths that the output's file system takes for one file. */
export const outputKey = (outputPath: string, foldCase: boolean): string =>
  foldCase ? outputPath.normalize('NFC').toLowerCase() : outputPath;

/**
 * True where the file system of `folder` takes `a.png` and `A.png` for one file. Writes a probe and removes it; an error of
 * writing is thrown as it comes.
 */
export async function probeCaseFolding(folder: string): Promise<boolean> {
  const name = `.mgpu-case-${randomUUID()}`;
  const probe = path.join(folder, name);
  await writeFile(probe, '', { flag: 'wx' });
  try {
    await lstat(path.join(folder, name.toUpperCase()));
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}
