import { dirname } from 'node:path';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import { cannotRun, Refusal, usageError } from '../../model/refusal.ts';

/** Words what the file system says about the folder; a Refusal passes. */
export async function reporting<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = errorCode(error);
    if (error instanceof Refusal || !(error instanceof Error) || code === undefined) throw error;
    const noMoreFiles = tooManyOpenFiles(error);
    if (noMoreFiles) throw noMoreFiles;
    const refusal = NOT_OURS_TO_WRITE.has(code) ? usageError : cannotRun;
    throw refusal(
      `--output ${dirname(folder)}: can't be written: ${errorMessage(error)}`,
      'make that folder writable, or choose another one with --output',
    );
  }
}

/** The choice of the folder is the trouble, not what became of the disk. */
const NOT_OURS_TO_WRITE: ReadonlySet<string> = new Set(
  'EACCES EPERM EROFS ENOENT ENOTDIR EEXIST EINVAL EILSEQ ENAMETOOLONG ELOOP'.split(' '),
);
