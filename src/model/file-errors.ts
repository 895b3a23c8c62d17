import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from './error-code.ts';

/** What an error of the file system means. */
interface Meaning {
  /** In words, of a page that can't be read. */
  readonly reading?: string;
  /** In words, of an output that can't be written: the disk is the trouble, and no other page would fare better. */
  readonly writing?: string;
  /** It may pass within a second. */
  readonly passes?: true;
}

const WENT_AWAY = 'the network disk is gone';
const NO_KEY = 'the key or ticket for that disk has expired';

/** By code. One that is not here says nothing certain of page or disk. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { reading: 'no such file: it was removed, or is a broken link' },
  ELOOP: { reading: 'a circular link' },
  ENAMETOOLONG: { reading: 'the path is too long' },
  EACCES: { reading: 'permission denied' },
  EPERM: { reading: 'permission denied' },
  ENOSPC: { writing: 'no space is left' },
  EDQUOT: { writing: 'the disk quota is used up' },
  EROFS: { writing: 'the file system is read-only' },
  EIO: { reading: "the disk can't read it (input/output error)", writing: 'the disk is failing' },
  EUCLEAN: { reading: 'its file system is damaged', writing: 'the file system is damaged' },
  ENODEV: { reading: 'its disk is gone', writing: 'the disk is gone' },
  ENOMEDIUM: { reading: 'its disk is gone', writing: 'the disk is gone' },
  ESTALE: { reading: 'the network disk lost it (stale file handle)', writing: WENT_AWAY, passes: true },
  ETIMEDOUT: {
    reading: 'the network disk did not respond',
    writing: 'the network disk did not respond',
    passes: true,
  },
  ENOTCONN: { reading: WENT_AWAY, writing: WENT_AWAY },
  EHOSTDOWN: { reading: WENT_AWAY, writing: WENT_AWAY },
  ESHUTDOWN: { reading: WENT_AWAY, writing: WENT_AWAY },
  EREMOTEIO: { reading: "the network disk can't read it", writing: 'the network disk is failing' },
  ENOKEY: { reading: NO_KEY, writing: NO_KEY },
  EKEYEXPIRED: { reading: NO_KEY, writing: NO_KEY },
  EKEYREVOKED: { reading: NO_KEY, writing: NO_KEY },
  EKEYREJECTED: { reading: NO_KEY, writing: NO_KEY },
  EBUSY: { reading: 'another program is using it', passes: true },
  EAGAIN: { passes: true },
  EINTR: { passes: true },
};

/** Of an error, or of its code. */
const meaningOf = (error: unknown): Meaning =>
  MEANINGS[(typeof error === 'string' ? error : errorCode(error)) ?? ''] ?? {};

/** Why a file can't be read, from an error or its code; undefined where nothing certain is known. */
export const readingTrouble = (error: unknown): string | undefined => meaningOf(error).reading;

/** What is wrong with the disk, so that no page can be written there; undefined where it may be the page. */
export const writingTrouble = (error: unknown): string | undefined => meaningOf(error).writing;

/** True for an error that says nothing of the file: the launcher itself has no more memory, or files. */
export const isOwnLimit = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error) ?? '');

/** True where the system allows this user no such thing there. */
export const isForbidden = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');

/** Before each further try, in milliseconds. */
const WAITS_MS = [20, 100, 400];

/** Acts, and some times more within about half a second where an error may pass. @throws what the last try threw */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (const ms of WAITS_MS) {
    try {
      return await act();
    } catch (error) {
      if (meaningOf(error).passes === undefined) throw error;
    }
    await wait(ms);
  }
  return act();
}

/** As `patiently`, blocking. For worker threads. */
export function patientlySync<T>(act: () => T): T {
  for (const ms of WAITS_MS) {
    try {
      return act();
    } catch (error) {
      if (meaningOf(error).passes === undefined) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
  return act();
}
