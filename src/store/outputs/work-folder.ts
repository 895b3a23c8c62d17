import { lstat, mkdir, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import { patiently } from '../../model/file-errors.ts';
import type { Part } from '../../model/part.ts';
import { cannotRun } from '../../model/refusal.ts';
import { makeFolder } from '../../pages/make-folder.ts';
import { RefusedName } from '../../pages/refused-name.ts';
import { Heartbeat } from '../lock/heartbeat.ts';
import type { Holder } from '../lock/lock-file.ts';
import { lookAtProcesses } from '../lock/process-identity.ts';
import { diskTrouble } from './disk-errors.ts';
import { mayHoldOriginals } from './moved-originals.ts';
import { findOldWork, OWNER_FILE } from './old-work.ts';
import { removeTree } from './remove-tree.ts';
import type { RunFolders } from './run-folders.ts';

/** Whose work folder it is to be. */
interface WorkRequest {
  readonly run: string;
  readonly part: Part | undefined;
  /** Told once, when the folder turns out to be gone or somebody else's: the run must stop. */
  readonly onLost: () => void;
  /** How often its lock is touched, in milliseconds; 10 s where missing. */
  readonly touchEveryMs: number | undefined;
}

/** Where a run has its work in progress, from its start to its end. No other run ever works there. */
export class WorkFolder {
  /** The folders of killed runs of this output: what they had made of pages may be worth having. */
  readonly old: readonly string[];
  /** Those of them that a script may have moved originals into: they are never removed. */
  readonly withOriginals: readonly string[];
  /** Set where others may exchange what is made in the folder. */
  readonly warning: string | undefined;
  readonly #folders: RunFolders;
  /** The first of the folders that had to be made for it. */
  readonly #made: string | undefined;
  readonly #heartbeat: Heartbeat;
  #oldIsWorthless = false;
  #isKept = false;

  private constructor(
    folders: RunFolders,
    { old, withOriginals, made, warning, heartbeat }: Opened & { readonly heartbeat: Heartbeat },
  ) {
    this.#folders = folders;
    this.old = old;
    this.withOriginals = withOriginals;
    this.warning = warning;
    this.#made = made;
    this.#heartbeat = heartbeat;
  }

  /**
   * Makes the folder, private and with a lock in it that names its run.
   * @throws Refusal (3) where the disk has no room or no right for it, or it is there already, or `--work` names a file
   */
  static async open(folders: RunFolders, request: WorkRequest): Promise<WorkFolder> {
    const { run, part, onLost, touchEveryMs } = request;
    const processes = await lookAtProcesses();
    const since = new Date().toISOString();
    const holder: Holder = { ...processes.self, run, since, ...(part && { part }) };
    const text = `${JSON.stringify(holder)}\n`;
    const owner = path.join(folders.work, OWNER_FILE);
    let isMade = false;
    let made: string | undefined;
    try {
      made = await makePrivate(folders);
      isMade = true;
      await writeFile(owner, text, { flag: 'wx', mode: 0o600 });
      const [{ uid }, { mtimeMs: nowMs }] = await Promise.all([lstat(folders.work), stat(owner)]);
      const old = await findOldWork(folders, { part, processes, nowMs, uid });
      const hold = await Promise.all(old.map(mayHoldOriginals));
      const withOriginals = old.filter((_, at) => hold[at]);
      const warning = await warningOf(folders, uid);
      const heartbeat = new Heartbeat({ path: owner, text, everyMs: touchEveryMs, onLost });
      return new WorkFolder(folders, { old, withOriginals, made, warning, heartbeat });
    } catch (error) {
      if (isMade) {
        // Without a whole lock the next run would leave it for a minute.
        await removeTree(folders.work);
        await removeEmptyAbove(folders, made);
      }
      throw diskTrouble(error, folders.work);
    }
  }

  /** Nothing in the old ones is of use any more. Until then they stay for the next run. */
  oldIsWorthless(): void {
    this.#oldIsWorthless = true;
  }

  /** Something in it is for a later run. */
  keep(): void {
    this.#isKept = true;
  }

  /** Removes it, unless it is to be kept, and old ones that nobody needs. */
  async close({ keep }: { keep: boolean }): Promise<void> {
    const { work } = this.#folders;
    await this.#heartbeat.stop();
    if (!keep && !this.#isKept) {
      await unlink(path.join(work, OWNER_FILE)).catch(() => {});
      await removeTree(work);
    }
    // At the end: on some file systems new links are slow right after many old ones were removed.
    if (this.#oldIsWorthless)
      await Promise.all(
        this.old.map((one) => (this.withOriginals.includes(one) ? undefined : removeTree(one))),
      );
    await removeEmptyAbove(this.#folders, this.#made);
  }
}

interface Opened {
  readonly old: readonly string[];
  readonly withOriginals: readonly string[];
  readonly made: string | undefined;
  readonly warning: string | undefined;
}

/** Returns the first folder that had to be made above it. It is never one that was there before, whoever made that. */
async function makePrivate({ workPlace, work }: RunFolders): Promise<string | undefined> {
  for (let left = 3; ; left -= 1) {
    const made = await makeFolder(workPlace).catch((error: unknown) => {
      if (error instanceof RefusedName)
        throw cannotRun(`--work ${workPlace}: ${error.message}`, 'choose another folder');
      if (!['EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
      throw cannotRun(`--work ${workPlace}: it is a file, or is inside one`, 'choose a folder');
    });
    try {
      await patiently(() => mkdir(work, { mode: 0o700 }));
      return made;
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EEXIST') throw cannotRun(`${work} already exists`, 'run the same command again');
      // A run that ended right now has removed the empty folder above.
      if (code !== 'ENOENT' || left === 1) throw error;
    }
  }
}

/** Whoever may rename things in the folder above can put another one in this one's place. */
async function warningOf({ workPlace, state }: RunFolders, uid: number): Promise<string | undefined> {
  if (workPlace === state) return undefined;
  const place = await stat(workPlace);
  const isOthers = place.uid !== uid && place.uid !== 0;
  const isOpen = (place.mode & 0o002) !== 0 && (place.mode & 0o1000) === 0;
  if (!isOthers && !isOpen) return undefined;
  const why = isOthers ? 'belongs to another user' : 'can be changed by every user';
  return `--work ${workPlace} ${why}, who could replace pages in progress: choose a folder of your own`;
}

/** Folders that were made for the work folder, as far as no other run is at work there. */
async function removeEmptyAbove({ workPlace, state }: RunFolders, made: string | undefined): Promise<void> {
  // Version 0.1.0 kept the folders of parts there.
  if (workPlace === state) await rmdir(path.join(state, 'work')).catch(() => {});
  const least = made === undefined ? undefined : path.dirname(made);
  for (let at = workPlace; least !== undefined && at.length > least.length; at = path.dirname(at)) {
    await rmdir(at).catch(() => {});
  }
}
