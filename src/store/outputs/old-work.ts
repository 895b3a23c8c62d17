import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { type Part, partFrom } from '../../model/part.ts';
import { judgeLock, readLock, STALE_AFTER_MS } from '../lock/lock-file.ts';
import { lookAtProcesses, type Processes } from '../lock/process-identity.ts';
import { partOfRun } from '../runs.ts';
import { namesIn } from './names-in.ts';
import { type RunFolders, runOfWork } from './run-folders.ts';

/** The lock in each run's work folder: whose it is, and whether that run is alive. */
export const OWNER_FILE = 'lock';

/** Whose old work is looked for. */
interface Finder {
  /** A part takes that of its own part alone, a whole run everybody's. */
  readonly part: Part | undefined;
  readonly processes: Processes;
  /** The time on the file system of `workPlace`. */
  readonly nowMs: number;
  /** Who owns what this process makes in `workPlace`; undefined where the system has no owners. */
  readonly uid: number | undefined;
}

/**
 * Folders with work that is certainly of this output, and whose run has ended: one in a folder of the user's counts if `OUTPUT/.mgpu/runs`
 * knows its run. Never a folder of another output, of another user, or of a run that may be alive. Writes nothing.
 */
export async function findOldWork(folders: RunFolders, finder: Finder): Promise<string[]> {
  const { workPlace, state } = folders;
  const isInOutput = workPlace === state;
  const old: string[] = isInOutput ? await workOfVersion010(folders, finder) : [];
  for (const name of await namesIn(workPlace)) {
    const run = runOfWork(name, folders);
    const folder = path.join(workPlace, name);
    if (run === undefined || folder === folders.work || !isFor(partOfRun(run), finder.part)) continue;
    if (!isInOutput && !(await isFolderOf(path.join(state, 'runs', run), undefined))) continue;
    if ((await isFolderOf(folder, finder.uid)) && (await hasEnded(folder, run, finder))) {
      old.push(folder);
    }
  }
  return old;
}

/** As one looks who makes nothing there, by this machine's clock. */
export async function lookingOn(part: Part | undefined): Promise<Finder> {
  return { part, processes: await lookAtProcesses(), nowMs: Date.now(), uid: process.geteuid?.() };
}

/** Folders among the user's things that hold work in progress of any run, this one's first: there are no pages in them. */
export async function workFoldersIn(folders: RunFolders): Promise<string[]> {
  const { workPlace, work } = folders;
  const isWork = (name: string): boolean =>
    runOfWork(name, folders) !== undefined || FOLDER_OF_VERSION_010.test(name);
  return [work, ...(await namesIn(workPlace)).filter(isWork).map((name) => path.join(workPlace, name))];
}

const FOLDER_OF_VERSION_010 = /^mgpu-[0-9a-f]{8}(?:\.old-.+)?$/;

/** True where no run is at work in a folder any more that was made for this run. */
export async function hasEnded(folder: string, run: string, { processes, nowMs }: Finder): Promise<boolean> {
  try {
    const lock = await readLock(path.join(folder, OWNER_FILE));
    // One that was killed just after it made the folder, or just before it removed it, left no lock.
    if (!lock) return nowMs - (await lstat(folder)).mtimeMs >= STALE_AFTER_MS;
    if (lock.holder && lock.holder.run !== run) return false;
    return (await judgeLock(lock, nowMs, processes)).state !== 'held';
  } catch {
    // It is gone by now, or something stands there that no run made.
    return false;
  }
}

/** Version 0.1.0 worked in `work` itself, a part in a folder of it, and put old ones aside as `….old-RUN`. */
async function workOfVersion010({ state }: RunFolders, { part, uid }: Finder): Promise<string[]> {
  const work = path.join(state, 'work');
  const parts = (await namesIn(work)).flatMap((name) => {
    const [, index, of] = /^part-([1-9]\d*)-of-([1-9]\d*)(?:\.old-.+)?$/.exec(name) ?? [];
    return index !== undefined && isFor(partFrom(index, of), part) ? [path.join(work, name)] : [];
  });
  const whole =
    part !== undefined
      ? []
      : (await namesIn(state)).flatMap((name) =>
          name === 'work' || name.startsWith('work.old-') ? [path.join(state, name)] : [],
        );
  const old: string[] = [];
  for (const folder of [...parts, ...whole]) {
    if (await isFolderOf(folder, uid)) old.push(folder);
  }
  return old;
}

/** True where work of this part is for a run of that one: a whole run takes everybody's. */
export const isFor = (whose: Part | undefined, part: Part | undefined): boolean =>
  part === undefined || (whose?.index === part.index && whose.of === part.of);

/** True for a real folder, no link; of this owner, where one is given. */
export async function isFolderOf(folder: string, uid: number | undefined): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && (uid === undefined || found.uid === uid);
}
