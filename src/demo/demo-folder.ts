import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../model/error-code.ts';
import { usageError } from '../model/refusal.ts';
import { makeFolder } from '../pages/make-folder.ts';
import { kindOf } from '../pages/path-kind.ts';

/** The file by which a demo's folder is known: what else has a folder of pages may be somebody's manga. */
const MARK = '.mgpu-demo';
const MARK_TEXT = 'mgpu-translate demo made this folder. It can be removed.\n';

/**
 * Makes the folder of a demo, or takes one that is empty or that an earlier demo made.
 * @throws Refusal (2) for anything else, so that no page of the user's is stamped; what the file system throws
 */
export async function claimDemoFolder(folder: string): Promise<void> {
  const kind = await kindOf(folder);
  if (kind !== 'folder' && kind !== 'missing') throw taken(folder, NOT_A_FOLDER[kind]);
  await makeFolder(folder);
  const entries = await readdir(folder);
  if (entries.includes(MARK)) return;
  if (entries.length > 0) throw taken(folder, 'it is not empty, and no demo made it');
  await writeFile(path.join(folder, MARK), MARK_TEXT, { flag: 'wx' }).catch((error: unknown) => {
    // Another demo has been quicker.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

const NOT_A_FOLDER = {
  file: 'it is a file',
  other: 'it is no folder',
  dangling: 'it is a link that leads nowhere',
  denied: 'permission denied',
} as const;

const taken = (folder: string, why: string) =>
  usageError(`the demo can't use ${folder}: ${why}`, 'name another folder: mgpu-translate demo FOLDER');
