import { lstat, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Heartbeat } from '../lock/heartbeat.ts';
import type { Holder } from '../lock/lock-file.ts';
import { lookAtProcesses } from '../lock/process-identity.ts';
import { namesIn } from './names-in.ts';
import { hasEnded, isFolderOf, lookingOn, OWNER_FILE } from './old-work.ts';
import { isRunName } from './run-folders.ts';

const MARK = 'mgpu-stage-';

/** Where the folder is to be made, and for which run. */
interface StageRequest {
  /** The folder that it is made in: it is there. */
  readonly place: string;
  readonly run: string;
  /** Told once, when the folder turns out to be gone or somebody else's. */
  readonly onLost: () => void;
  /** How often its lock is touched, in milliseconds; 10 s where missing. */
  readonly touchEveryMs: number | undefined;
}

/** Where copies of pages wait for the workers of one run: for this user alone, and gone with the run. */
export class StageFolder {
  readonly path: string;
  readonly #heartbeat: Heartbeat;

  private constructor(folder: string, heartbeat: Heartbeat) {
    this.path = folder;
    this.#heartbeat = heartbeat;
  }

  /** Makes the folder, with a lock in it that names its run. Throws what the file system throws; nothing is left then. */
  static async open({ place, run, onLost, touchEveryMs }: StageRequest): Promise<StageFolder> {
    const folder = path.join(place, `${MARK}${run}`);
    await mkdir(folder, { mode: 0o700 });
    try {
      const { uid, mode } = await lstat(folder);
      const user = process.geteuid?.();
      if ((user !== undefined && uid !== user) || (mode & 0o077) !== 0)
        throw Object.assign(new Error(`${folder} can be read by others`), { code: 'EACCES' });
      const { self } = await lookAtProcesses();
      const holder: Holder = { ...self, run, since: new Date().toISOString() };
      const text = `${JSON.stringify(holder)}\n`;
      const owner = path.join(folder, OWNER_FILE);
      await writeFile(owner, text, { flag: 'wx', mode: 0o600 });
      return new StageFolder(folder, new Heartbeat({ path: owner, text, everyMs: touchEveryMs, onLost }));
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
  }

  /** Removes it with all copies. Never rejects. */
  async close(): Promise<void> {
    await this.#heartbeat.stop();
    await removeFolder(this.path);
  }
}

/** Removes what killed runs of this user left in these folders, and nothing else. Never rejects. */
export async function removeDeadStages(places: readonly string[]): Promise<void> {
  for (const place of new Set(places)) {
    const names = (await namesIn(place).catch(() => [])).filter(
      (name) => name.startsWith(MARK) && isRunName(name.slice(MARK.length)),
    );
    if (names.length === 0) continue;
    const finder = await lookingOn(undefined);
    for (const name of names) {
      const folder = path.join(place, name);
      if (finder.uid === undefined || !(await isFolderOf(folder, finder.uid))) continue;
      if (await hasEnded(folder, name.slice(MARK.length), finder)) await removeFolder(folder);
    }
  }
}

/** Why others could exchange what lies in a folder's sub-folders; undefined where they can't. */
export async function whyExchangeable(place: string): Promise<string | undefined> {
  const found = await stat(place).catch(() => undefined);
  if (!found) return undefined;
  if (found.uid !== process.geteuid?.() && found.uid !== 0) return 'belongs to another user';
  return (found.mode & 0o002) !== 0 && (found.mode & 0o1000) === 0
    ? 'can be changed by every user'
    : undefined;
}

const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
