import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import type { ArchiveDirectory, NoDirectory } from './archive-directory.ts';

type ReadDirectory = typeof import('./read-directory.ts');

const BUILT = new URL('./read-directory.cjs', import.meta.url);
const SOURCE = new URL('./read-directory.ts', import.meta.url);

let loading: Promise<ReadDirectory> | undefined;

/**
 * As `readDirectory`, whose libraries are loaded with the first archive: a run without one does not pay for them.
 * @throws Refusal where the launcher can open no more files
 */
export async function loadDirectory(path: string): Promise<ArchiveDirectory | NoDirectory> {
  loading ??= load();
  const { readDirectory } = await loading;
  return readDirectory(path).catch((error: unknown) => {
    throw tooManyOpenFiles(error) ?? error;
  });
}

/** The built program is no module, and has no `import` (bin/load-program.js). */
async function load(): Promise<ReadDirectory> {
  return existsSync(BUILT) ? createRequire(BUILT)(fileURLToPath(BUILT)) : import(SOURCE.href);
}
