import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type PageId, WAITING_FOLDER } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { isArchiveName } from '../../pages/sources/archive-directory.ts';

/** Finished pages that wait for an archive that is gone. */
interface Waiting {
  readonly archive: PageId;
  readonly pages: number;
}

/**
 * Says which finished pages wait to be packed into archives that are not where the inputs are: they were paid for, and are used when
 * the archive is back. Undefined where there are none.
 */
export async function waitingForNone(outputRoot: string, inputRoot: string): Promise<string | undefined> {
  const root = path.join(outputRoot, WAITING_FOLDER);
  const [first, ...others] = await waitingIn(root, '', inputRoot);
  if (first === undefined) return undefined;
  const pages = [first, ...others].reduce((sum, one) => sum + one.pages, 0);
  const more =
    others.length === 0 ? '' : ` and ${others.length} more archive${others.length === 1 ? '' : 's'}`;
  const folder = others.length === 0 ? path.join(root, first.archive) : root;
  const [have, they] =
    pages === 1 ? ['1 finished page waits', 'it is'] : [`${pages} finished pages wait`, 'they are'];
  return `${have} for ${first.archive}${more}, not found in ${inputRoot}: ${they} used when the archive is back. If it won't be, remove ${folder}.`;
}

async function waitingIn(root: string, below: string, inputRoot: string): Promise<Waiting[]> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch(() => []);
  const found: Waiting[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const id = path.posix.join(below, entry.name);
    const input = isArchiveName(id)
      ? await lstat(path.join(inputRoot, id)).catch(() => undefined)
      : undefined;
    if (isArchiveName(id) && input === undefined) {
      const pages = await pagesIn(path.join(root, id));
      if (pages > 0) found.push({ archive: id, pages });
    } else if (input === undefined || input.isDirectory())
      found.push(...(await waitingIn(root, id, inputRoot)));
  }
  return found;
}

const pagesIn = (folder: string): Promise<number> =>
  readdir(folder, { recursive: true }).then(
    (names) => names.filter(hasImageSuffix).length,
    () => 0,
  );
