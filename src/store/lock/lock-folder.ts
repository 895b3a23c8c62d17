import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import { cannotRun, Refusal, usageError } from '../../model/refusal.ts';
import { nearestFolder } from '../../pages/nearest-existing.ts';

/** Words what the file system says about the folder; a Refusal passes. */
export async function reporting<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = errorCode(error);
    if (error instanceof Refusal || !(error instanceof Error) || code === undefined) throw error;
    const noMoreFiles = tooManyOpenFiles(error);
    if (noMoreFiles) throw noMoreFiles;
    const refusal = NOT_OURS_TO_WRITE.has(code) ? usageError : cannotRun;
    throw refusal(
      `--output ${dirname(folder)}: can't be written: ${error.message}`,
      'make that folder writable, or choose another one with --output',
    );
  }
}

/** The choice of the folder is the trouble, not what became of the disk. */
const NOT_OURS_TO_WRITE: ReadonlySet<string> = new Set(
  'EACCES EPERM EROFS ENOENT ENOTDIR EEXIST ENAMETOOLONG ELOOP'.split(' '),
);

/**
 * Makes a folder and those above it. Returns the first that was made. Node's own `recursive` goes round for ever where a
 * file system says of a folder that is there that it isn't (/proc).
 */
export async function makeFolders(folder: string): Promise<string | undefined> {
  const there = await nearestFolder(folder);
  const missing: string[] = [];
  for (let at = folder; at !== there; at = dirname(at)) missing.unshift(at);
  let made: string | undefined;
  for (const one of missing) {
    try {
      await mkdir(one);
      made ??= one;
    } catch (error) {
      // Two runs may start at once.
      if (errorCode(error) !== 'EEXIST' || !(await isFolder(one))) throw error;
    }
  }
  return made;
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Undoes a `mkdir`, as far as nothing was put there. `made` is the first folder that it made. */
export async function removeEmpty(folder: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  for (let at = folder; at.length >= made.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}
