import { constants, copyFileSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../model/error-code.ts';
import { patientlySync } from '../model/file-errors.ts';
import { makeFolderSync } from './make-folder.ts';
import { RefusedName, refusedName } from './refused-name.ts';

/** Folders made by this thread lately: pages of one folder come together, and asking again for each costs as much as a link. */
const made = new Set<string>();
const REMEMBERED_FOLDERS = 1000;

/** A page, and where it is to be placed. */
interface Placement {
  readonly source: string;
  readonly link: string;
  readonly copy: boolean;
  /** The page's content, where `source` is the archive that it is in. */
  readonly content?: Buffer;
}

/**
 * Puts a link to `source`, or its bytes, at `link`; takes the place of what a killed run left there. Blocking.
 * @throws RefusedName where the disk takes no such name, else what the file system throws
 */
export function placePage(page: Placement): void {
  try {
    patientlySync(() => placeInFolder(page));
  } catch (error) {
    // The folder is there, or it would have been refused.
    if (errorCode(error) === 'ENOENT' && existsSync(page.source)) throw new RefusedName(page.link, 'ENOENT');
    throw refusedName(error, page.link) ?? error;
  }
}

function placeInFolder(page: Placement): void {
  const folder = path.dirname(page.link);
  if (!made.has(folder)) makeFolder(folder);
  try {
    place(page);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') rmSync(page.link, { force: true });
    // The folder went away with a batch of the same name.
    else if (code === 'ENOENT') makeFolder(folder);
    else throw error;
    place(page);
  }
}

/** True where a file system has no symbolic links: exFAT, Google Drive, some network disks. */
export const isLinksUnsupported = (error: unknown): boolean =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '');

function makeFolder(folder: string): void {
  makeFolderSync(folder);
  if (made.size >= REMEMBERED_FOLDERS) made.clear();
  made.add(folder);
}

function place({ source, link, copy, content }: Placement): void {
  if (content) writeFileSync(link, content, { flag: 'wx' });
  else if (copy) copyFileSync(source, link, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else symlinkSync(source, link);
}
