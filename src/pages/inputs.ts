import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { nearest } from '../model/nearest.ts';
import { usageError } from '../model/refusal.ts';
import { windowsHint } from '../model/windows-path.ts';
import { hasSpecial } from './glob.ts';
import { globPaths } from './glob-paths.ts';
import { hasImageSuffix } from './image-format.ts';
import { isLeftOutName, isOfSystem } from './left-out-names.ts';
import { mapLimited } from './map-limited.ts';
import { pathInOtherForm } from './name-form.ts';
import { type NameListSource, readNameList } from './name-list.ts';
import { naturalComparePaths } from './natural-order.ts';
import { type Kind, kindOf } from './path-kind.ts';
import { isArchiveName } from './sources/archive-directory.ts';

/** A folder to walk or a file to take, by its absolute path. */
export interface InputEntry {
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** What a run reads: page ids are relative to `root`. */
export interface ResolvedInputs {
  readonly root: string;
  /** In natural order; none lies in another one's walk. */
  readonly entries: readonly InputEntry[];
  /** The folder, where one folder is all the input there is. */
  readonly singleFolder?: string;
  /** The archive, where one is all the input there is. */
  readonly singleArchive?: string;
}

/** Where the names of inputs come from, see `RunOptions`. */
export interface InputSources extends Omit<NameListSource, 'filesFrom'> {
  readonly inputs: readonly string[];
  readonly filesFrom?: string | undefined;
}

/** What was found where an input was looked for. */
interface Found {
  readonly absolute: string;
  readonly kind: Kind;
}

/** More than the thread pool has, so that it never waits; few enough for any limit on open files. */
const LOOKS_AT_ONCE = 64;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Finds what the inputs name: folders, files, globs (only where no such file exists), lists of names. Each page comes once,
 * however inputs overlap. Throws a usage error for an input that isn't there, a glob without a match, and no input at all.
 */
export async function resolveInputs(sources: InputSources): Promise<ResolvedInputs> {
  const { inputs, filesFrom, cwd } = sources;
  const listed = filesFrom === undefined ? [] : await readNameList({ ...sources, filesFrom });
  if (inputs.length + listed.length === 0) throw noInput(filesFrom);
  const given = await mapLimited(inputs, LOOKS_AT_ONCE, (name) => resolveInput(name, cwd));
  const names = await mapLimited(listed, LOOKS_AT_ONCE, (name) => resolveLiteral(name, cwd));
  const entries = withoutOverlap([...given.flat(), ...names]);
  const only = entries.length === 1 ? entries[0] : undefined;
  if (only?.kind === 'folder') return { root: only.path, entries, singleFolder: only.path };
  const root = commonFolder(entries);
  return only && isArchiveName(only.path) ? { root, entries, singleArchive: only.path } : { root, entries };
}

const noInput = (filesFrom: string | undefined): Error =>
  filesFrom === undefined
    ? usageError('no input given', 'give folders, files or globs: mgpu-translate run ./input')
    : usageError(`--files-from ${filesFrom}: the list is empty`);

async function resolveInput(input: string, cwd: string): Promise<InputEntry[]> {
  if (input === '') throw usageError('an input is empty', 'perhaps a variable that is not set?');
  const absolute = path.resolve(cwd, input);
  const found = await lookAt(absolute);
  const isGlob = hasSpecial(input) && windowsHint(input) === undefined;
  if (found.kind === 'missing' && isGlob) return resolveGlob(input, cwd);
  return [await entryOf(input, found)];
}

async function resolveLiteral(name: string, cwd: string): Promise<InputEntry> {
  return entryOf(name, await lookAt(path.resolve(cwd, name)));
}

/** What stands at a path, or at that path with names in another form: a list may come from another machine. */
async function lookAt(absolute: string): Promise<Found> {
  const kind = await kindOf(absolute);
  const other = kind === 'missing' && NOT_ASCII.test(absolute) ? await pathInOtherForm(absolute) : undefined;
  return other === undefined ? { absolute, kind } : { absolute: other, kind: await kindOf(other) };
}

async function entryOf(input: string, { absolute, kind }: Found): Promise<InputEntry> {
  if (kind === 'folder' || kind === 'file') return { path: absolute, kind };
  if (kind === 'other') throw usageError(`input ${input} is neither a file nor a folder`);
  if (kind === 'denied') throw usageError(`input ${input}: permission denied`);
  // A page whose link leads nowhere is told of as a page, also where it is named.
  if (kind === 'dangling' && hasImageSuffix(absolute)) return { path: absolute, kind: 'file' };
  if (kind === 'dangling') throw usageError(`input ${input} is a broken link`);
  throw usageError(
    `input ${input} does not exist`,
    windowsHint(input) ?? (await didYouMean(absolute, input)),
  );
}

async function resolveGlob(glob: string, cwd: string): Promise<InputEntry[]> {
  // Hidden names don't match either, unless the glob has them.
  const isMeant = (part: string): boolean => !isOfSystem(part) || glob.includes(part);
  const paths = (await globPaths(glob, cwd)).filter((name) =>
    path.relative(cwd, name).split('/').every(isMeant),
  );
  const kinds = await mapLimited(paths, LOOKS_AT_ONCE, kindOf);
  const isFolderMeant = glob.endsWith('/');
  const found = paths.flatMap((name, at) => {
    const kind = kinds[at];
    return kind === undefined || kind === 'missing' || (isFolderMeant && kind !== 'folder')
      ? []
      : [{ name, kind }];
  });
  if (found.length === 0) throw usageError(`input ${glob}: nothing matches`);
  return found.flatMap(({ name, kind }): InputEntry[] => {
    if (kind === 'folder') return [{ path: name, kind }];
    return kind === 'file' || hasImageSuffix(name) ? [{ path: name, kind: 'file' }] : [];
  });
}

/** Nobody means a path of which more folders are missing. */
const MOST_MISSING = 16;

/** `did you mean ./input?`: the nearest name beside the first missing part of the path. */
async function didYouMean(
  absolute: string,
  input: string,
  missing = MOST_MISSING,
): Promise<string | undefined> {
  const folder = path.dirname(absolute);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined && (folder === absolute || missing === 0)) return undefined;
  if (names === undefined) return didYouMean(folder, path.dirname(input), missing - 1);
  const name = nearest(
    path.basename(absolute),
    names.filter((one) => !isLeftOutName(one)),
  );
  if (name === undefined) return undefined;
  const parent = input.slice(0, Math.max(0, input.replace(/(?<!\/)\/+$/, '').lastIndexOf('/') + 1));
  return `did you mean ${parent}${name}?`;
}

/** Each once, in natural order, without those that another one's walk comes by. */
function withoutOverlap(entries: readonly InputEntry[]): InputEntry[] {
  const unique = new Map(entries.map((entry) => [entry.path, entry]));
  const folders = new Set(
    [...unique.values()].filter(({ kind }) => kind === 'folder').map((entry) => entry.path),
  );
  return [...unique.values()]
    .filter((entry) => !isWalked(entry.path, folders))
    .sort((a, b) => naturalComparePaths(a.path, b.path));
}

/** True where a folder above is an input; a hidden or a system's name on the way would keep its walk out, so then it is not. */
function isWalked(entryPath: string, folders: ReadonlySet<string>): boolean {
  for (let at = entryPath; !isLeftOutName(path.basename(at)); ) {
    const parent = path.dirname(at);
    if (parent === at) return false;
    if (folders.has(parent)) return true;
    at = parent;
  }
  return false;
}

/** The deepest folder that holds all of them; a file counts with its folder. */
function commonFolder(entries: readonly InputEntry[]): string {
  const folders = entries.map((entry) => (entry.kind === 'folder' ? entry.path : path.dirname(entry.path)));
  let common = (folders[0] ?? '/').split('/');
  for (const folder of folders) {
    const parts = folder.split('/');
    const differs = common.findIndex((part, at) => part !== parts[at]);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.join('/') || '/';
}
