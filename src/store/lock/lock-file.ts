import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { errorCode } from '../../model/error-code.ts';
import { parsedJson } from '../../model/parsed-json.ts';
import type { Part } from '../../model/part.ts';
import { cannotRun } from '../../model/refusal.ts';
import { removeFile } from '../../model/remove-file.ts';
import { NotRegular, openRegular, readBounded } from '../../pages/open-regular.ts';
import type { Processes, ProcessIdentity, ProcessState } from './process-identity.ts';

/** Who holds a lock, as its file says. */
export interface Holder extends ProcessIdentity {
  readonly run: string;
  /** ISO 8601. */
  readonly since: string;
  readonly part?: Part;
}

/** A lock's file as it was found. */
export interface LockFile {
  readonly path: string;
  readonly text: string;
  readonly mtimeMs: number;
  /** Missing where the content is no holder: half written, or garbage. */
  readonly holder?: Holder;
}

/** `gone`: its process has ended. `stale`: untouched for too long. */
export type LockState = 'held' | 'gone' | 'stale';

/** Whether anybody holds a lock, and what is known of the process that made it. */
export interface LockJudgement {
  readonly state: LockState;
  readonly process: ProcessState;
}

/** A lock whose holder can't be looked up, and that nobody touched for so long, belongs to nobody. */
export const STALE_AFTER_MS = 60_000;
/** Ours have 300 bytes. */
const LONGEST_LOCK_BYTES = 65_536;
/** Suffix of files that live for an instant: a killed process may leave one. */
export const PASSING = '.tmp';

const partSchema = z.object({ index: z.int().positive(), of: z.int().positive() });
const holderSchema = z.object({
  host: z.string(),
  bootId: z.string().nullable(),
  pid: z.int().positive(),
  pidNamespace: z.string().nullable(),
  startTime: z.number().nullable(),
  run: z.string(),
  since: z.iso.datetime(),
  part: partSchema.exactOptional(),
});

/** Makes the file with all its content at once. False: there is one already. Throws what the file system throws. */
export async function createWhole(path: string, text: string): Promise<boolean> {
  const passing = passingName(path);
  try {
    // A full disk makes the file and has no room for what belongs in it.
    await writeFile(passing, text, { flag: 'wx' });
    return await linkTo(path, passing, text);
  } finally {
    await removeFile(passing);
  }
}

async function linkTo(path: string, passing: string, text: string): Promise<boolean> {
  try {
    await link(passing, path);
    return true;
  } catch (error) {
    // A network disk may do it and lose the answer; the second try then finds our own link.
    if (errorCode(error) === 'EEXIST') return (await stat(passing)).nlink === 2;
    if (errorCode(error) === 'ENOENT') throw error;
    return await createWithoutLink(path, text);
  }
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Not whole at once: a reader may find half of it, and takes that for held. */
async function createWithoutLink(path: string, text: string): Promise<boolean> {
  const file = await openRegular(path, { flags: NEW }).catch((error: unknown) => {
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(text);
    return true;
  } catch (error) {
    // Half a lock would hold for a minute.
    await removeFile(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** The lock at `path`, or undefined where there is none. @throws Refusal (3) where something else is there */
export async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    const file = await openRegular(path);
    try {
      const { mtimeMs } = await file.stat();
      const text = await readBounded(file, LONGEST_LOCK_BYTES);
      const holder = holderSchema.safeParse(parsedJson(text)).data;
      return { path, text, mtimeMs, ...(holder && { holder }) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof NotRegular || error instanceof RangeError)
      throw cannotRun(
        `${path} is not the lock of a run: ${error.message}`,
        'remove it, then run the same command again',
      );
    throw error;
  }
}

/**
 * Held, or why not. A process that is there holds its lock, however long ago it touched it: it may have been stopped, and
 * goes on one day. `nowMs` is the time on the lock's own file system: network disks have clocks of their own.
 */
export async function judgeLock(lock: LockFile, nowMs: number, processes: Processes): Promise<LockJudgement> {
  const process = lock.holder ? await processes.stateOf(lock.holder) : 'unknown';
  if (process === 'gone') return { state: 'gone', process };
  const isStale = process === 'unknown' && nowMs - lock.mtimeMs >= STALE_AFTER_MS;
  return { state: isStale ? 'stale' : 'held', process };
}

/** What a file written this moment in `folder` gets as its time. */
export async function timeIn(folder: string): Promise<number> {
  const probe = passingName(join(folder, 'lock-time'));
  try {
    await writeFile(probe, '.', { flag: 'wx' });
    return (await stat(probe)).mtimeMs;
  } finally {
    await removeFile(probe);
  }
}

/**
 * Removes a lock that was judged free. It is moved away first and looked at again: one that was touched or renewed
 * meanwhile goes back.
 */
export async function removeJudged(judged: LockFile): Promise<void> {
  const aside = passingName(judged.path);
  try {
    await rename(judged.path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readLock(aside);
  const changed = moved && (moved.text !== judged.text || moved.mtimeMs !== judged.mtimeMs);
  if (changed) await link(aside, judged.path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Gives our own lock a new time. False: it is ours no more. The same bytes are written again, because a time that is set
 * would be this machine's and not the file system's.
 */
export async function touchLock(path: string, text: string): Promise<boolean> {
  try {
    const file = await openRegular(path, { flags: constants.O_RDWR });
    try {
      if ((await readBounded(file, LONGEST_LOCK_BYTES)) !== text) return false;
      await file.write(text, 0);
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    const isOthers = error instanceof NotRegular || error instanceof RangeError;
    if (isOthers || errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes the lock where it is ours. */
export async function removeOwn(path: string, text: string): Promise<void> {
  const found = await readLock(path);
  if (found?.text === text) await unlink(path);
}

const passingName = (path: string): string => `${path}.${randomUUID().slice(0, 13)}${PASSING}`;
