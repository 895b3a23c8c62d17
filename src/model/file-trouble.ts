import { errorCode, errorMessage } from './error-code.ts';
import { writingTrouble } from './file-errors.ts';
import { cannotRun, type Refusal } from './refusal.ts';

/**
 * The Refusal (3) for what the system says of a file or a disk: whoever reads it can put that right, so it is no bug.
 * Undefined for any other error, and for a program that can't be started.
 */
export function fileTrouble(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  if (String(error.syscall).startsWith('spawn')) return undefined;
  const namesFile = 'path' in error && typeof error.path === 'string';
  // These speak of a disk or a file even where none is named.
  const isOfDisk = writingTrouble(error) !== undefined || errorCode(error) === 'EISDIR';
  if (!namesFile && !isOfDisk) return undefined;
  return cannotRun(
    errorMessage(error),
    'put that right, then run the same command again: it goes on from here',
  );
}
