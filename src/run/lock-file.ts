import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Processes, ProcessFacts } from './process-facts.ts';

/** One of several machines that share a job. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** Who holds a lock, as its file says. */
export interface Holder extends ProcessFacts {
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

/** A lock that nobody touched for so long belongs to nobody. */
export const STALE_AFTER_MS = 60_000;
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
  await writeFile(passing, text, { flag: 'wx' });
  try {
    await link(passing, path);
    return true;
  } catch (error) {
    // A network disk may do it and lose the answer; the second try then finds our own link.
    if (codeOf(error) === 'EEXIST') return (await stat(passing)).nlink === 2;
    if (codeOf(error) === 'ENOENT') throw error;
    return await createWithoutLink(path, text);
  } finally {
    await rm(passing, { force: true });
  }
}

/** Not whole at once: a reader may find half of it, and takes that for held. */
async function createWithoutLink(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A lock that ran out of space half way would hold for a minute.
    if (codeOf(error) === 'ENOSPC') await rm(path, { force: true });
    throw error;
  }
}

/** The lock at `path`, or undefined where there is none. */
export async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const holder = holderIn(text);
    return { path, text, mtimeMs, ...(holder && { holder }) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Held, or why not. `nowMs` is the time on the lock's own file system: network disks have clocks of their own. */
export async function judgeLock(lock: LockFile, nowMs: number, processes: Processes): Promise<LockState> {
  if (lock.holder && (await processes.isGone(lock.holder))) return 'gone';
  return nowMs - lock.mtimeMs >= STALE_AFTER_MS ? 'stale' : 'held';
}

/** What a file written this moment in `folder` gets as its time. */
export async function timeIn(folder: string): Promise<number> {
  const probe = passingName(join(folder, 'lock-time'));
  try {
    await writeFile(probe, '.', { flag: 'wx' });
    return (await stat(probe)).mtimeMs;
  } finally {
    await rm(probe, { force: true });
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
    if (codeOf(error) === 'ENOENT') return;
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
    const file = await open(path, 'r+');
    try {
      if ((await file.readFile('utf8')) !== text) return false;
      await file.write(text, 0);
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes the lock where it is ours. */
export async function removeOwn(path: string, text: string): Promise<void> {
  const found = await readLock(path);
  if (found?.text === text) await unlink(path);
}

function holderIn(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const passingName = (path: string): string => `${path}.${randomUUID().slice(0, 13)}${PASSING}`;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
