import path from 'node:path';
import { isWithin } from './linked-folders.ts';
import { kindOf } from './path-kind.ts';
import { joinRaw, keyOf, type RawPath } from './raw-path.ts';
import { type Listed, readFolder } from './read-folder.ts';
import { isArchiveName, withoutArchiveSuffix } from './sources/archive-directory.ts';
import { STATE_FOLDER } from './state-folder.ts';

/** Knows the folders that runs have written to: what a run keeps for itself is in them. Looks at each folder once. */
export class EarlierOutputs {
  readonly #looks = new Map<string, Promise<boolean>>();
  readonly #lists = new Map<string, Promise<readonly Listed[]>>();

  /** True for a folder that a run has written to. Never rejects. */
  isOne(folder: RawPath): Promise<boolean> {
    const key = keyOf(folder);
    const look = this.#looks.get(key) ?? lookFor(joinRaw(folder, STATE_FOLDER));
    this.#looks.set(key, look);
    return look;
  }

  /** The same by the names in the folder, which cost no look at the disk. */
  showsOne(folder: RawPath, listed: readonly Listed[]): boolean | Promise<boolean> {
    const state = listed.find(({ written }) => written === STATE_FOLDER);
    return state?.kind === 'link' ? this.isOne(folder) : state?.kind === 'folder';
  }

  /**
   * True for `vol1-translated.cbz` beside the folder `vol1-translated` that a run keeps its records in: the run was over one archive,
   * and this is what it packed. `listed`: what is in the folder of both.
   */
  async packedBeside(folder: RawPath, archive: string, listed: readonly Listed[]): Promise<boolean> {
    const name = withoutArchiveSuffix(archive).replace(/\.incomplete$/, '');
    const beside = listed.find(({ kind, written }) => kind === 'folder' && written === name);
    if (!beside) return false;
    const records = joinRaw(folder, beside.name);
    if (!(await this.isOne(records))) return false;
    // With archives in it, it is the output of a run that packed into it, and the one beside it is perhaps an input.
    const inside = await readFolder(records).catch(() => []);
    return !inside.some(({ written }) => isArchiveName(written));
  }

  /** The same for the path of any file. Never rejects. */
  async isPacked(file: string): Promise<boolean> {
    if (!isArchiveName(file)) return false;
    const folder = path.dirname(file);
    const listed = this.#lists.get(folder) ?? readFolder(folder).catch(() => []);
    this.#lists.set(folder, listed);
    return this.packedBeside(folder, path.basename(file), await listed);
  }

  /**
   * The folder that a run has written to and that a path is or lies in, the nearest one; undefined where there is none. Goes
   * up to `mayBe`'s first false: whoever named such a folder means what is in it.
   */
  async around(folder: string, mayBe: (folder: string) => boolean): Promise<string | undefined> {
    for (let at = folder; mayBe(at); at = path.dirname(at)) {
      if (await this.isOne(at)) return at;
      if (at === path.dirname(at)) break;
    }
    return undefined;
  }
}

const lookFor = (state: RawPath): Promise<boolean> =>
  kindOf(state).then(
    (kind) => kind === 'folder',
    () => false,
  );

/** True where one of the paths is the folder or lies in it. */
export const holdsOneOf = (folder: string, paths: readonly string[]): boolean =>
  paths.some((one) => isWithin(keyOf(one), keyOf(folder)));
