import { errorCode } from '../../model/error-code.ts';
import { isForbidden, writingTrouble } from '../../model/file-errors.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import { cannotRun, Refusal } from '../../model/refusal.ts';

const HINT = 'free space or repair the disk, then run the same command to resume';

/** What may not be written in a folder that is to take all of them: no other page would fare better. */
export const notAllowed = (file: string): Refusal =>
  cannotRun(
    `permission denied: can't write ${file}`,
    'make it writable (ls -ld shows its owner), then run the same command to resume',
  );

/** A trouble of the disk as a Refusal that ends the run; anything else as it is, to be the page's own failure. */
export function diskTrouble(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error;
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  if (isForbidden(error)) return notAllowed(file);
  const trouble = writingTrouble(error);
  return trouble === undefined ? error : cannotRun(`${trouble}: can't write ${file}`, HINT);
}

/** Something else stands where a file belongs, or where its folder does. `ERR_FS_EISDIR` is what `rm` says. */
const IN_THE_WAY = new Set(['EISDIR', 'ERR_FS_EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST']);

/**
 * As `diskTrouble`, for a file of the run's own: what stands in its way ends the run, too. Of a page's output that is the
 * page's own failure.
 */
export const ownFileTrouble = (error: unknown, file: string): unknown =>
  IN_THE_WAY.has(errorCode(error) ?? '')
    ? cannotRun(
        `can't write ${file}: something else has that name`,
        `remove ${file}, then run the same command to resume`,
      )
    : diskTrouble(error, file);
