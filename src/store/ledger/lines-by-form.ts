import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import type { PageId } from '../../model/page.ts';
import { sameForm } from '../../pages/name-form.ts';
import type { LedgerLine } from './ledger-line.ts';

/** Finds a page's last line in the ledgers. */
export type LedgerLines = Pick<ReadonlyMap<PageId, LedgerLine>, 'get'>;

/**
 * The last line of each page; of one that the ledgers don't know, that of the same name in another form: pages may have been
 * copied since, from a disk that writes "é" as two characters. A page that is there under that name too keeps its line.
 *
 * @param root what ids are relative to
 */
export function linesByForm(pages: ReadonlyMap<PageId, LedgerLine>, root: string): LedgerLines {
  let others: Map<string, PageId> | undefined;
  return {
    get(page) {
      const line = pages.get(page);
      if (line !== undefined || isAscii(page)) return line;
      others ??= new Map([...pages.keys()].filter((id) => !isAscii(id)).map((id) => [sameForm(id), id]));
      const other = others.get(sameForm(page));
      return other === undefined || isOtherFile(root, page, other) ? undefined : pages.get(other);
    },
  };
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

function isOtherFile(root: string, page: PageId, other: PageId): boolean {
  const [one, two] = [page, other].map((id) => statsOf(path.join(root, id)));
  return two !== undefined && (one?.ino !== two.ino || one.dev !== two.dev);
}

/** A page in an archive has none: there it is the same one in another form. */
function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
