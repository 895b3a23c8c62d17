import { constants, copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../model/error-code.ts';

/** Folders made by this thread lately: pages of one folder come together, and asking again for each costs as much as a link. */
const made = new Set<string>();
const REMEMBERED_FOLDERS = 1000;

/** Puts a link to `source`, or its bytes, at `link`; takes the place of what a killed run left there. Blocking. */
export function placePage(page: {
  readonly source: string;
  readonly link: string;
  readonly copy: boolean;
}): void {
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
  mkdirSync(folder, { recursive: true });
  if (made.size >= REMEMBERED_FOLDERS) made.clear();
  made.add(folder);
}

function place({ source, link, copy }: { source: string; link: string; copy: boolean }): void {
  if (copy) copyFileSync(source, link, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else symlinkSync(source, link);
}
