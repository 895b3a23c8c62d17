import { mkdirSync, statSync } from 'node:fs';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../model/error-code.ts';
import { patiently, patientlySync } from '../model/file-errors.ts';
import { RefusedName, refusedName } from './refused-name.ts';

/**
 * Makes a folder and those above it. Returns the first that was made; undefined where all are there. Node's own `recursive`
 * goes round for ever where mkdir says ENOENT under a folder that is there: exFAT does of a name that it refuses, and /proc.
 * Where it fails nothing is left behind. @throws RefusedName where the disk takes no such name, else what the file system throws
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const error = await troubleMaking(folder);
  if (error === undefined) return folder;
  if (await isFolder(folder)) return undefined;
  const above = dirname(folder);
  if (!isMissing(error) || above === folder) throw whyNot(error, folder);
  // It may have been missing a moment ago: another run makes and removes the same folders. So this one is tried again.
  const first = await makeFolder(above);
  const still = await troubleMaking(folder);
  if (still !== undefined && !(await isFolder(folder))) {
    await removeEmpty(above, first);
    throw whyNot(still, folder);
  }
  return first ?? (still === undefined ? folder : undefined);
}

/** Undoes a `makeFolder`, as far as nothing was put there. `made` is the first folder that it made. */
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

/** As `makeFolder`, blocking. For worker threads. */
export function makeFolderSync(folder: string): void {
  const error = troubleMakingSync(folder);
  if (error === undefined || isFolderSync(folder)) return;
  const above = dirname(folder);
  if (!isMissing(error) || above === folder) throw whyNot(error, folder);
  makeFolderSync(above);
  const still = troubleMakingSync(folder);
  if (still !== undefined && !isFolderSync(folder)) throw whyNot(still, folder);
}

const isMissing = (error: unknown): boolean => errorCode(error) === 'ENOENT';

/** What says "missing" of a folder that is to be made, once the one above it is there, means its name. */
const whyNot = (error: unknown, folder: string): unknown =>
  isMissing(error) ? new RefusedName(folder, 'ENOENT') : (refusedName(error, folder) ?? error);

const troubleMaking = (folder: string): Promise<unknown> =>
  patiently(() => mkdir(folder)).then(
    () => undefined,
    (error: unknown) => error,
  );

function troubleMakingSync(folder: string): unknown {
  try {
    patientlySync(() => mkdirSync(folder));
    return undefined;
  } catch (error) {
    return error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

function isFolderSync(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
