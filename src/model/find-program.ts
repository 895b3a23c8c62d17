import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where a shell looks when there is no PATH at all. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The folders of a search path such as PATH. Empty and relative ones mean the current folder: whatever somebody put there
 * would be run, so they are passed over.
 */
export const absoluteFolders = (searchPath: string): string[] =>
  searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));

/**
 * Absolute path of a program: found on PATH and then in the folders `alsoIn`, or at the path that was given (from `cwd`);
 * undefined where there is none.
 */
export async function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
  alsoIn: readonly string[] = [],
): Promise<string | undefined> {
  const folders = name.includes('/') ? [''] : [...absoluteFolders(env.PATH ?? DEFAULT_PATH), ...alsoIn];
  for (const folder of folders) {
    const file = path.resolve(cwd, folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
