import { errorCode } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import { cannotRun, Refusal } from '../../model/refusal.ts';

/** The disk, not the page, is the trouble: no other page would fare better. */
const DISK_TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'writing is not allowed',
  EPERM: 'writing is not allowed',
  EIO: 'the disk fails',
  ESTALE: 'the network disk went away',
  ENOTCONN: 'the network disk went away',
};

/** A trouble of the disk as a Refusal that ends the run; anything else as it is, to be the page's own failure. */
export function diskTrouble(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error;
  const noMoreFiles = tooManyOpenFiles(error);
  if (noMoreFiles) return noMoreFiles;
  const trouble = DISK_TROUBLES[errorCode(error) ?? ''];
  return trouble === undefined
    ? error
    : cannotRun(
        `${trouble}: can't write ${file}`,
        'free space or mend the disk; the same command then goes on from here',
      );
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
        `can't write ${file}: something else is in its way`,
        `remove ${file}; the same command then goes on from here`,
      )
    : diskTrouble(error, file);
