import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';

/** Why a config file that nobody named is not trusted. */
interface Doubt {
  /** False: it is not used. It may name a program to run, and somebody else may have written it. */
  readonly isTrusted: boolean;
  /** `it belongs to another user`. */
  readonly why: string;
}

const GROUP_WRITE = 0o020;
const ALL_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * Looks at who could have written a config file. It has to belong to this user or root. Above the current folder, nobody else
 * may write or exchange it (a group of the user's own is nobody else). In the current folder open modes only get a warning:
 * some disks (`/mnt/c` of WSL) know no others. Undefined where there is nothing to say.
 * @param found of the opened file, links followed
 */
export async function doubtOf(
  file: string,
  { found, isHere }: { found: Stats; isHere: boolean },
): Promise<Doubt | undefined> {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const isOthers = (stats: Stats): boolean => stats.uid !== uid && stats.uid !== 0;
  // Whoever makes a link chooses which of the user's files it leads to, and the folder that its paths start at.
  const [entry, folder] = await Promise.all([lstat(file), stat(path.dirname(file))]);
  if (isOthers(found) || isOthers(entry)) return { isTrusted: false, why: 'it belongs to another user' };
  if (isHere) {
    const isOpen = (found.mode & ALL_WRITE) !== 0;
    return isOpen ? { isTrusted: true, why: 'every user can write to it' } : undefined;
  }
  const writesByGroup = (found.mode & GROUP_WRITE) !== 0 && !isOwnGroup(found.gid, uid);
  if (writesByGroup || (found.mode & ALL_WRITE) !== 0)
    return { isTrusted: false, why: 'other users can write to it' };
  if (isOthers(folder)) return { isTrusted: false, why: 'its folder belongs to another user' };
  const isSwappable = (folder.mode & ALL_WRITE) !== 0 && (folder.mode & STICKY) === 0;
  return isSwappable
    ? { isTrusted: false, why: 'every user can replace it, because all can write to its folder' }
    : undefined;
}

/**
 * True for the group that many systems give each user (umask 002 is made for it): it has the user's own number. Group 0 is
 * none: containers share it among users of any number.
 */
const isOwnGroup = (gid: number, uid: number): boolean =>
  gid !== 0 && gid === uid && gid === process.getegid?.();
