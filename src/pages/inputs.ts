import path from 'node:path';
import { usageError } from '../model/refusal.ts';
import { windowsHint } from '../model/windows-path.ts';
import { EarlierOutputs } from './earlier-outputs.ts';
import { hasSpecial } from './glob.ts';
import { withoutOutputs } from './glob-outputs.ts';
import { globPaths } from './glob-paths.ts';
import { hasImageSuffix } from './image-format.ts';
import { isLeftOutName, isOfSystem } from './left-out-names.ts';
import { mapLimited } from './map-limited.ts';
import { outputAmong } from './meant-otherwise.ts';
import { pathInOtherForm } from './name-form.ts';
import { type NameListSource, readNameList } from './name-list.ts';
import { namedOutputs } from './named-outputs.ts';
import { naturalComparePaths } from './natural-order.ts';
import { nearestPath } from './nearest-path.ts';
import { type Kind, kindOf } from './path-kind.ts';
import { describeEarlierOutputs } from './sightings.ts';
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
  /** The folder, where all the input there is lies in one that was named. */
  readonly singleFolder?: string;
  /** An earlier run's outputs, folders or archives, that only a glob matched, or that were named together with what they were made from. */
  readonly leftOut?: readonly string[];
  /** Others that were named, and are inputs. */
  readonly takenOutputs?: readonly string[];
  /** The archive, where one is all the input there is. */
  readonly singleArchive?: string;
}

/** Where the names of inputs come from, see `RunOptions`. */
export interface InputSources extends Omit<NameListSource, 'filesFrom'> {
  readonly inputs: readonly string[];
  readonly filesFrom?: string | undefined;
  /** Where outputs are to go, where that is said. */
  readonly output?: string | undefined;
}

/** What was found where an input was looked for. */
interface Found {
  readonly absolute: string;
  readonly kind: Kind;
}

/** More than the thread pool has, so that it never waits; few enough for any limit on open files. */
const LOOKS_AT_ONCE = 64;
const NOT_ASCII = /[^\0-\x7f]/;
const GIVE_FOLDER = 'give the folder that holds the pages';

/**
 * Finds what the inputs name: folders, files, globs (only where no such file exists), lists of names. Each page comes once,
 * however inputs overlap. A glob does not mean what earlier runs wrote. Throws a usage error for an input that isn't there, a glob without a match, and no input at all.
 */
export async function resolveInputs(sources: InputSources): Promise<ResolvedInputs> {
  const { inputs, filesFrom, cwd, output } = sources;
  const listed = filesFrom === undefined ? [] : await readNameList({ ...sources, filesFrom });
  if (inputs.length + listed.length === 0) throw noInput(filesFrom);
  const isForOutput = output === undefined ? outputAmong(inputs) : undefined;
  const outputs = new EarlierOutputs();
  const given = await mapLimited(inputs, LOOKS_AT_ONCE, (name) =>
    resolveInput(name, { cwd, outputs, isForOutput: name === inputs.at(-1) ? isForOutput : undefined }),
  );
  const names = await mapLimited(listed, LOOKS_AT_ONCE, (name) => resolveLiteral(name, cwd));
  const literal = [...given.flatMap(({ entries, isGlob }) => (isGlob ? [] : entries)), ...names];
  const absolute = output === undefined ? undefined : path.resolve(cwd, output);
  const fromRuns = await namedOutputs(literal, { outputs, output: absolute });
  const all = [...given.flatMap(({ entries }) => entries), ...names].filter(
    (entry) => !fromRuns.leftOut.includes(entry.path),
  );
  const entries = await withoutOverlap(all, outputs);
  const root = commonFolder(entries);
  const isNamed = entries.some(({ kind, path: where }) => kind === 'folder' && where === root);
  const [only, second] = entries;
  const isArchive =
    only !== undefined && second === undefined && only.kind !== 'folder' && isArchiveName(only.path);
  const named = new Set(all.map((entry) => entry.path));
  const leftOut = [...given.flatMap((found) => found.leftOut), ...fromRuns.leftOut].filter(
    (place) => !named.has(place),
  );
  return {
    root,
    entries,
    ...(isNamed && { singleFolder: root }),
    ...(isArchive && { singleArchive: only.path }),
    ...(leftOut.length > 0 && { leftOut: [...new Set(leftOut)] }),
    ...(fromRuns.taken.length > 0 && { takenOutputs: fromRuns.taken }),
  };
}

/** What one input names. */
interface Given {
  readonly entries: readonly InputEntry[];
  /** See `ResolvedInputs`. */
  readonly leftOut: readonly string[];
  readonly isGlob: boolean;
}

const noInput = (filesFrom: string | undefined): Error =>
  filesFrom === undefined
    ? usageError('no input given', 'give folders, files or globs: mgpu-translate run ./input')
    : usageError(`--files-from ${filesFrom}: the list is empty`);

async function resolveInput(
  input: string,
  {
    cwd,
    outputs,
    isForOutput,
  }: { readonly cwd: string; readonly outputs: EarlierOutputs; readonly isForOutput: string | undefined },
): Promise<Given> {
  if (input === '') throw usageError('an input is empty', 'perhaps a variable that is not set?');
  const absolute = path.resolve(cwd, input);
  const found = await lookAt(absolute);
  const isGlob = hasSpecial(input) && windowsHint(input) === undefined;
  if (found.kind === 'missing' && isGlob) return resolveGlob(input, cwd, outputs);
  return {
    entries: [await entryOf(input, found, { isForOutput, otherwise: GIVE_FOLDER })],
    leftOut: [],
    isGlob: false,
  };
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

/** @throws Refusal (2) where nothing can be read there; hints are for an input that does not exist */
async function entryOf(
  input: string,
  { absolute, kind }: Found,
  { isForOutput, otherwise }: { readonly isForOutput?: string | undefined; readonly otherwise?: string } = {},
): Promise<InputEntry> {
  if (kind === 'folder' || kind === 'file') return { path: absolute, kind };
  if (kind === 'other') throw usageError(`input ${input} is neither a file nor a folder`);
  if (kind === 'denied') throw usageError(`input ${input}: permission denied`);
  // A page whose link leads nowhere is told of as a page, also where it is named.
  if (kind === 'dangling' && hasImageSuffix(absolute)) return { path: absolute, kind: 'file' };
  if (kind === 'dangling') throw usageError(`input ${input} is a broken link`);
  const hints = [await nearestPath(absolute, input), isForOutput].filter((hint) => hint !== undefined);
  const hint = windowsHint(input) ?? (hints.length === 0 ? otherwise : hints.join(' '));
  throw usageError(`input ${input} does not exist`, hint);
}

async function resolveGlob(glob: string, cwd: string, outputs: EarlierOutputs): Promise<Given> {
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
  if (found.length === 0)
    throw usageError(`input ${glob}: nothing matches`, `${GIVE_FOLDER}, or another pattern`);
  const entries = found.flatMap(({ name, kind }): InputEntry[] => {
    if (kind === 'folder') return [{ path: name, kind }];
    return kind === 'file' || hasImageSuffix(name) ? [{ path: name, kind: 'file' }] : [];
  });
  const given = await withoutOutputs(entries, { glob, cwd, outputs });
  if (given.entries.length > 0 || given.leftOut.length === 0) return { ...given, isGlob: true };
  throw usageError(
    `input ${glob}: matches nothing but ${describeEarlierOutputs(given.leftOut)}`,
    'to translate these pages, name the folder itself, without a pattern',
  );
}

/** Each once, in natural order, without those that another one's walk comes by. */
async function withoutOverlap(
  entries: readonly InputEntry[],
  outputs: EarlierOutputs,
): Promise<InputEntry[]> {
  const unique = [...new Map(entries.map((entry) => [entry.path, entry])).values()];
  const folders = new Set(unique.filter(({ kind }) => kind === 'folder').map((entry) => entry.path));
  const areWalked = await mapLimited(unique, LOOKS_AT_ONCE, (entry) => isWalked(entry, folders, outputs));
  return unique.filter((_entry, at) => !areWalked[at]).sort((a, b) => naturalComparePaths(a.path, b.path));
}

/** True where a folder above is an input whose walk comes by: it leaves out hidden and systems' names, and earlier outputs. */
function isWalked(
  { path: entryPath, kind }: InputEntry,
  folders: ReadonlySet<string>,
  outputs: EarlierOutputs,
): boolean | Promise<boolean> {
  const input = inputAbove(entryPath, folders);
  if (input === undefined) return false;
  const folder = kind === 'folder' ? entryPath : path.dirname(entryPath);
  return outputs.around(folder, (at) => at !== input).then((output) => output === undefined);
}

/** The nearest folder above that is an input, on a way without hidden and systems' names. */
function inputAbove(entryPath: string, folders: ReadonlySet<string>): string | undefined {
  for (let at = entryPath; !isLeftOutName(path.basename(at)); ) {
    const parent = path.dirname(at);
    if (parent === at) return undefined;
    if (folders.has(parent)) return parent;
    at = parent;
  }
  return undefined;
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
