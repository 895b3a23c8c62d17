import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import { isForbidden } from '../../model/file-errors.ts';
import { removeFile } from '../../model/remove-file.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { RefusedName, refusedName } from '../../pages/refused-name.ts';
import { diskTrouble } from './disk-errors.ts';

/** What is known of the folder that takes all outputs. */
export interface OutputTroubleSetup {
  /** Where it is; what may not be written anywhere below it is the trouble of all pages where this is missing. */
  readonly outputRoot?: string;
}

/**
 * What an error means that came of putting a file at `to`, in a folder that is there: a Refusal where no other page would fare
 * better, else the page's own failure. `from` is the file that was to be moved.
 */
export async function outputTrouble(
  error: unknown,
  { from, to, outputRoot }: OutputTroubleSetup & { readonly from?: string; readonly to: string },
): Promise<unknown> {
  const refused = refusedName(error, to);
  if (refused) return refused;
  const isMissing = errorCode(error) === 'ENOENT';
  if (isMissing && (from === undefined || (await isThere(from)))) return new RefusedName(to, 'ENOENT');
  if (isForbidden(error) && outputRoot !== undefined && (await takesFiles(outputRoot))) {
    return new Error(`no permission to write ${to}: ls -ld shows the owner of the file and its folder`);
  }
  return diskTrouble(error, to);
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

async function takesFiles(folder: string): Promise<boolean> {
  const probe = path.join(folder, `.mgpu-${randomUUID()}.part`);
  try {
    await (await openRegular(probe, { flags: NEW })).close();
    return true;
  } catch {
    return false;
  } finally {
    await removeFile(probe);
  }
}
