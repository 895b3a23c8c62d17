import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import { isThere } from '../../model/is-there.ts';
import type { Page } from '../../model/page.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { isContentOf } from '../../pages/same-content.ts';
import type { BatchFolder } from './batch-folder.ts';

const LOOKS_AT_ONCE = 16;

/** A page in whose place in a batch there is other content than its source's. */
export interface ChangedCopy {
  readonly page: Page;
  /** Relative to the batch. */
  readonly name: string;
  readonly path: string;
  /** Content that its link leads to was written over: without the copy it would have been the original. */
  readonly isThroughLink: boolean;
}

/** Copies in a batch: in its input folder, or where the links there lead to. */
export interface CopiesOfBatch {
  readonly batch: Pick<BatchFolder, 'input' | 'copies' | 'recordFile'>;
  /** A page with the size of its source, and its name in the batch. */
  readonly pages: readonly { readonly page: Page; readonly bytes: number; readonly name: string }[];
}

/** The pages that a child has written over, in their order. One that it removed is not among them: see `removedCopies`. */
export async function changedCopies({ batch, pages }: CopiesOfBatch): Promise<ChangedCopy[]> {
  // Written after the last copy was made, and before a child had one.
  const filled = await stat(batch.recordFile).catch(() => undefined);
  const looked = await mapLimited(
    pages,
    LOOKS_AT_ONCE,
    async ({ page, bytes, name }): Promise<ChangedCopy[]> => {
      for (const folder of [batch.copies, batch.input]) {
        const file = path.join(folder, name);
        const found = await lstat(file).catch(() => undefined);
        if (!found?.isFile()) continue;
        // Its clock has ticks of some milliseconds; no child starts within one.
        const isOld = filled !== undefined && found.ctimeMs <= filled.ctimeMs;
        if (found.size === bytes && (isOld || (await isContentOf(page, file, bytes)))) continue;
        return [{ page, name, path: file, isThroughLink: folder === batch.copies }];
      }
      return [];
    },
  );
  return looked.flat();
}

/**
 * The pages on trial whose copies are gone, in their order: a child has moved or removed what its links lead to, and not the links
 * alone. None where the batch itself is gone, which is somebody else's doing.
 */
export async function removedCopies({ batch, pages }: CopiesOfBatch): Promise<Page[]> {
  const gone = await mapLimited(pages, LOOKS_AT_ONCE, async ({ page, name }): Promise<Page[]> => {
    if (page.entry !== undefined) return [];
    // Where its path would be too long, the copy is in the place of the link.
    const trouble = await lstat(path.join(batch.copies, name)).then(() => undefined, errorCode);
    return trouble === 'ENOENT' || trouble === 'ENOTDIR' ? [page] : [];
  });
  return (await isThere(batch.recordFile)) ? gone.flat() : [];
}
