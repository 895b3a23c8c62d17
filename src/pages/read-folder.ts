import { type Dirent, readdir } from 'node:fs';
import { tooManyOpenFiles } from '../model/open-files.ts';
import { cannotRun, type Refusal } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { globEscape } from './glob.ts';
import { naturalSort } from './natural-order.ts';
import { type RawPath, REPLACEMENT, rawOf, writtenName } from './raw-path.ts';

/** One name in a folder. */
export interface Listed {
  readonly name: RawPath;
  /** The name as ids have it. */
  readonly written: string;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
}

/** A folder's names in natural order. Rejects as `readdir` does. */
export async function readFolder(folder: RawPath): Promise<Listed[]> {
  const listed = typeof folder === 'string' ? await readAsText(folder) : undefined;
  return naturalSort(listed ?? (await readAsBytes(folder)), ({ written }) => written);
}

/** Reads names as text, ten times faster than as bytes; undefined where one of them has to be read as bytes. */
function readAsText(folder: string): Promise<Listed[] | undefined> {
  return new Promise((resolve, reject) => {
    readdir(folder, { withFileTypes: true }, (error, entries) => {
      // Where a file system tells no types, Node looks at each name by itself, and can't find those that are no UTF-8.
      if (error?.code === 'ENOENT') resolve(undefined);
      else if (error) reject(error);
      else if (entries.some(({ name }) => name.includes(REPLACEMENT))) resolve(undefined);
      else
        resolve(
          entries.map((entry) => ({ name: entry.name, written: entry.name, kind: kindOfDirent(entry) })),
        );
    });
  });
}

function readAsBytes(folder: RawPath): Promise<Listed[]> {
  return new Promise((resolve, reject) => {
    readdir(folder, { withFileTypes: true, encoding: 'buffer' }, (error, entries) => {
      if (error) reject(error);
      else {
        resolve(
          entries.map((entry) => {
            const name = rawOf(entry.name);
            return { name, written: writtenName(name), kind: kindOfDirent(entry) };
          }),
        );
      }
    });
  });
}

function kindOfDirent(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Listed['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/**
 * The refusal of a run with a folder that can't be read: what is in it would be missing from the account of the run.
 * @param id its path under the input; empty for the input itself
 */
export function unreadableFolder(folder: RawPath, id: string, error: NodeJS.ErrnoException): Refusal {
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  const why = error.code === 'EACCES' || error.code === 'EPERM' ? 'permission denied' : error.message;
  const pattern = shellQuote([`/${globEscape(id)}/`]);
  return cannotRun(
    `${writtenName(folder)} can't be read (${why}), so its pages are unknown`,
    id === '' ? 'make it readable' : `make it readable, or exclude it: --exclude ${pattern}`,
  );
}

/** Reads the folders in a list ahead of the one who walks it, because a network disk answers each late. */
export function readAhead(folders: readonly RawPath[], ahead: number): (index: number) => Promise<Listed[]> {
  const reads: (Promise<Listed[]> | undefined)[] = [];
  return (index) => {
    for (let at = index; at < Math.min(folders.length, index + ahead); at++) {
      const folder = folders[at];
      if (folder === undefined || reads[at] !== undefined) continue;
      const read = readFolder(folder);
      // The walk may end before it comes here; where it comes, it gets the error itself.
      read.catch(() => undefined);
      reads[at] = read;
    }
    const read = reads[index];
    reads[index] = undefined;
    return read ?? Promise.reject(new Error(`no folder ${index} in the list`));
  };
}
