import { loadBuilt } from '../../model/load-built.ts';
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
  loading ??= loadBuilt<ReadDirectory>(BUILT, SOURCE);
  const { readDirectory } = await loading;
  return readDirectory(path).catch((error: unknown) => {
    throw tooManyOpenFiles(error) ?? error;
  });
}
