import { errorCode, errorMessage } from './error-code.ts';
import { writingTrouble } from './file-errors.ts';
import { cannotRun, type Refusal } from './refusal.ts';

/** Calls on a file that is open: their errors name none. */
const ON_OPEN_FILE: ReadonlySet<string> = new Set(
  'read write fstat fsync fdatasync ftruncate futime'.split(' '),
);
/** What pipes and sockets say too, and what a bug alone can cause. */
const NOT_OF_A_FILE: ReadonlySet<string> = new Set('EPIPE ECONNRESET EBADF EINVAL'.split(' '));

/**
 * The Refusal (3) for what the system says of a file or a disk: whoever reads it can put that right, so it is no bug.
 * Undefined for any other error, and for a program that can't be started.
 */
export function fileTrouble(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  if (String(error.syscall).startsWith('spawn')) return undefined;
  const namesFile = 'path' in error && typeof error.path === 'string';
  const code = errorCode(error) ?? '';
  const isOfOpenFile = ON_OPEN_FILE.has(String(error.syscall)) && !NOT_OF_A_FILE.has(code);
  // These speak of a disk or a file even where none is named.
  const isOfDisk = writingTrouble(error) !== undefined || code === 'EISDIR';
  if (!namesFile && !isOfOpenFile && !isOfDisk) return undefined;
  return cannotRun(errorMessage(error), 'fix that, then run the same command to resume');
}
