import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../model/error-code.ts';
import type { Part } from '../../model/part.ts';
import { type Refusal, usageError } from '../../model/refusal.ts';
import { realPathOf } from '../../pages/linked-folders.ts';
import { outputAmong, scriptAmong } from '../../pages/meant-otherwise.ts';
import { nearestExisting } from '../../pages/nearest-existing.ts';
import {
  incompleteName,
  isArchiveName,
  withoutArchiveSuffix,
} from '../../pages/sources/archive-directory.ts';
import { STATE_FOLDER } from '../../pages/state-folder.ts';

/** Folders of a run, all absolute. */
export interface RunFolders {
  readonly output: string;
  /** `OUTPUT/.mgpu`. */
  readonly state: string;
  /** Where runs of this output have their work in progress: `OUTPUT/.mgpu`, or a folder of the user's. */
  readonly workPlace: string;
  /** This run's work in progress, a folder in `workPlace`: no other run has it, whatever output it writes to. */
  readonly work: string;
  /** `OUTPUT/.mgpu/runs/RUN`. */
  readonly run: string;
  readonly logs: string;
  /** Where the only archive goes, where that is beside the output folder and not in it: `vol1-translated.cbz`. */
  readonly packed?: string;
  /** False where the output folder is not there yet. */
  readonly existed: boolean;
}

/**
 * Where a run puts things: `--output`, else `<input>-translated` beside a single input folder or archive. An archive's name as
 * output means that archive: the run's own files go into a folder beside it. Nothing is made here.
 * @throws Refusal (exit 2) where no output can be told, or it is a file, the input itself, or can't be written
 */
export async function runFolders({
  inputs,
  output,
  singleFolder,
  singleArchive,
  root,
  work,
  run,
  cwd,
}: {
  /** As they were given, for hints. */
  inputs: readonly string[];
  output: string | undefined;
  singleFolder: string | undefined;
  /** Missing: archives are not packed, or there are other inputs. */
  singleArchive?: string | undefined;
  root: string;
  work: string | undefined;
  run: string;
  cwd: string;
}): Promise<RunFolders> {
  const packed = packedBeside(singleArchive, output && path.resolve(cwd, output));
  if (singleArchive !== undefined && packed !== undefined) await assertOther(singleArchive, packed, cwd);
  const fallback = singleFolder && `${singleFolder}-translated`;
  const wanted = (packed && withoutArchiveSuffix(packed)) ?? output ?? fallback;
  if (wanted === undefined) {
    throw usageError(
      '--output is required unless the input is a single folder or archive',
      scriptAmong(inputs) ?? ['add --output FOLDER.', outputAmong(inputs)].filter(Boolean).join(' '),
    );
  }
  const folder = path.resolve(cwd, wanted);
  const found = await stat(folder).catch(() => undefined);
  const name = path.relative(cwd, folder) || '.';
  if (isArchiveName(folder) && !found?.isDirectory()) throw noSingleArchive(name);
  if (found && !found.isDirectory()) throw usageError(`--output ${name}: that is a file`, 'choose a folder');
  if (folder === root || (await isSameFile(folder, root))) {
    throw usageError(
      `--output ${name}: that is the input itself`,
      'choose another folder: originals are never overwritten',
    );
  }
  await assertWritable(folder, name);
  const state = path.join(folder, STATE_FOLDER);
  const runs = path.join(state, 'runs', run);
  const workPlace = work === undefined ? state : path.resolve(cwd, work);
  return {
    output: folder,
    state,
    workPlace,
    work: workOf(run, { workPlace, state }),
    run: runs,
    logs: path.join(runs, 'logs'),
    ...(packed !== undefined && { packed }),
    existed: found !== undefined,
  };
}

/** Nobody means a folder by that. */
const noSingleArchive = (name: string): Refusal =>
  usageError(
    `--output ${name}: that is an archive's name, and only a single archive that is packed becomes one`,
    `choose a folder (--output ${withoutArchiveSuffix(name)}): archives keep their names in it`,
  );

/** Undefined where an archive goes into the output folder under its own name. */
function packedBeside(archive: string | undefined, output: string | undefined): string | undefined {
  if (archive === undefined) return undefined;
  if (output !== undefined) return isArchiveName(output) ? output : undefined;
  const stem = withoutArchiveSuffix(archive);
  return `${stem}-translated${archive.slice(stem.length)}`;
}

/** The archive that comes out, whole or not, is another file than the one that goes in. */
async function assertOther(archive: string, packed: string, cwd: string): Promise<void> {
  for (const file of [packed, incompleteName(packed)]) {
    if (file !== archive && !(await isSameFile(file, archive))) continue;
    const asWell = file === packed ? 'that is' : `its pages would go into ${path.basename(file)},`;
    throw usageError(
      `--output ${path.relative(cwd, packed)}: ${asWell} the input itself`,
      'choose another name: originals are never overwritten',
    );
  }
}

/** Looks at the folder, or at the nearest one above it that is there. */
async function assertWritable(folder: string, name: string): Promise<void> {
  const { path: there, stats } = await nearestExisting(folder);
  if (stats && !stats.isDirectory())
    throw usageError(`--output ${name}: ${there} is a file`, 'choose a folder');
  await access(there, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    const why = errorCode(error) === 'EROFS' ? 'its file system is read-only' : 'permission denied';
    throw usageError(`--output ${name}: ${there} can't be written: ${why}`, 'choose another folder');
  });
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => stat(file).catch(() => undefined)));
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

/** The real path from `folder` to what lies in it; undefined where `place` isn't inside. */
export async function wayInside(folder: string, place: string): Promise<string | undefined> {
  const [from, to] = await Promise.all([realPathOf(folder), realPathOf(place)]);
  const way = path.relative(String(from), String(to));
  return way === '' || way === '..' || way.startsWith('../') ? undefined : way;
}

/** A run's name: sorts by time, is the only one even where two start at once, and says which part it is. */
export function newRunName(now: Date, part?: Part): string {
  const time = now.toISOString().slice(0, 23).replaceAll(/[:.]/g, '-');
  const mark = Math.random().toString(36).slice(2, 6).padEnd(4, '0');
  return `${time}-${mark}${part ? `-part-${part.index}-of-${part.of}` : ''}`;
}

type WorkPlace = Pick<RunFolders, 'workPlace' | 'state'>;

/** The work folder of a run. It is marked as one: what lies around it may be the user's own, or another output's. */
export const workOf = (run: string, place: WorkPlace): string =>
  path.join(place.workPlace, `${markIn(place)}${run}`);

/** The run whose work folder has this name in `workPlace`; undefined for what is no run's. */
export function runOfWork(name: string, place: WorkPlace): string | undefined {
  const mark = markIn(place);
  const run = name.startsWith(mark) ? name.slice(mark.length) : '';
  return isRunName(run) ? run : undefined;
}

/** True for a name that a run may have. */
export const isRunName = (name: string): boolean => RUN_NAME.test(name);

/** True for a folder that some run works in or keeps copies in, wherever `--work` and `--stage-folder` have put it. */
export const isWorkOfRun = (name: string): boolean =>
  isRunName(name.replace(/^(?:work\.|mgpu-(?:stage-)?)/, ''));

const RUN_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}-[0-9a-z]{4}(?:-part-[1-9]\d*-of-[1-9]\d*)?$/;

const markIn = ({ workPlace, state }: WorkPlace): string => (workPlace === state ? 'work.' : 'mgpu-');
