import { cannotRun, type Refusal } from './refusal.ts';

/** Codes that speak of a disk or a file even where none is named. */
const OF_A_DISK: ReadonlySet<string> = new Set('ENOSPC EDQUOT EIO EROFS ESTALE ENOTCONN EISDIR'.split(' '));

/**
 * The Refusal (3) for what the system says of a file or a disk: whoever reads it can put that right, so it is no bug.
 * Undefined for any other error, and for a program that can't be started.
 */
export function fileTrouble(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  if (String(error.syscall).startsWith('spawn')) return undefined;
  const namesFile = 'path' in error && typeof error.path === 'string';
  if (!namesFile && !OF_A_DISK.has(String(error.code))) return undefined;
  return cannotRun(error.message, 'put that right, then run the same command again: it goes on from here');
}
