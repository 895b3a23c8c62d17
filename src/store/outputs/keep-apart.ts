import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../model/refusal.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import type { InputEntry, ResolvedInputs } from '../../pages/inputs.ts';
import { isLeftOutName } from '../../pages/left-out-names.ts';
import { isOfState, isWithin, realPathOf } from '../../pages/linked-folders.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import { kindOf } from '../../pages/path-kind.ts';
import { keyOf, type RawPath, writtenName } from '../../pages/raw-path.ts';
import { isArchiveName } from '../../pages/sources/archive-directory.ts';
import { isLedgerName } from '../ledger/ledger.ts';
import { assertNoLinkIntoOriginals } from './linked-places.ts';
import { Originals, realFolders } from './originals.ts';
import type { RunFolders } from './run-folders.ts';

const LOOKS_AT_ONCE = 64;
const ANOTHER = 'choose another folder: originals are never overwritten';

/** An input folder, and where it really is. */
interface RealFolder {
  readonly path: string;
  readonly real: RawPath;
}

/**
 * Sees to it that nothing of a run lies where its originals are, whatever links there are, and knows that from then on. A new
 * folder in an input, under its own name, is fine: walks leave it out. Nothing is written here.
 * @throws Refusal (exit 2)
 */
export async function keepApart(inputs: ResolvedInputs, folders: RunFolders): Promise<Originals> {
  const real = await realPathOf(folders.output);
  const inputFolders = await realFolders(inputs);
  await assertNoState(inputs.entries, inputFolders);
  assertOutOfState('--output', [folders.output, real]);
  await assertNoInputIsOutput(folders, real, { inputs, inputFolders });
  for (const [option, folder] of [
    ['--output', folders.output],
    ['--output', folders.state],
    ['--output', path.dirname(folders.run)],
    ['--work', folders.work],
  ] as const) {
    await assertOwnName(option, folder, inputFolders);
  }
  const isForeign = folders.existed && (await isOfNoRun(folders));
  if (isForeign) await assertHoldsNoInput(folders.output, real, { inputs, inputFolders });
  const originals = new Originals({ folders, real, isForeign });
  for (const folder of inputFolders) originals.addTree(folder.real);
  if (folders.existed) {
    await assertNoLinkIntoOriginals({ output: folders.output, root: inputs.root, originals }, real);
  }
  return originals;
}

/** What a run keeps in `.mgpu` is removed by the next one, and no page. */
async function assertNoState(
  entries: readonly InputEntry[],
  inputFolders: readonly RealFolder[],
): Promise<void> {
  const files = entries.filter(({ kind }) => kind === 'file');
  const folders = [...new Set(files.map((file) => path.dirname(file.path)))];
  const real = await mapLimited(folders, LOOKS_AT_ONCE, realPathOf);
  assertOutOfState('input', [
    ...entries.map((entry) => entry.path),
    ...inputFolders.map((folder) => folder.real),
    ...real,
  ]);
}

function assertOutOfState(what: string, paths: readonly RawPath[]): void {
  const found = paths.find((one) => isOfState(one));
  if (found === undefined) return;
  throw usageError(
    `${what} ${writtenName(found)}: a run keeps its own files in .mgpu, and removes them`,
    'choose a folder outside of it',
  );
}

async function assertNoInputIsOutput(
  { output, existed }: RunFolders,
  real: RawPath,
  { inputs, inputFolders }: { inputs: ResolvedInputs; inputFolders: readonly RealFolder[] },
): Promise<void> {
  const found = existed ? await stat(output).catch(() => undefined) : undefined;
  await mapLimited(inputFolders, LOOKS_AT_ONCE, async (input) => {
    const one = found && (await stat(input.path).catch(() => undefined));
    const isSame = one !== undefined && one.dev === found?.dev && one.ino === found.ino;
    if (!isSame && keyOf(input.real) !== keyOf(real)) return;
    throw usageError(
      `--output ${output}: that is the input ${input.path}`,
      inputs.entries.length > 1 ? `${ANOTHER}; a glob such as in/* matches it too` : ANOTHER,
    );
  });
}

/** A folder of the run's may lie in an input under its own name only: what a link brings there, a walk does not expect. */
async function assertOwnName(
  option: string,
  folder: string,
  inputFolders: readonly RealFolder[],
): Promise<void> {
  const real = await realPathOf(folder);
  for (const input of inputFolders) {
    if (!isWithin(keyOf(real), keyOf(input.real)) || (await isBelowByName(folder, real, input))) continue;
    throw usageError(
      `${option} ${folder}: it leads into the input ${input.path} (it is ${writtenName(real)})`,
      'choose a folder outside of the inputs, or a new one inside them by its own path',
    );
  }
}

/** True where the way from the input to the folder is without links. Links above the input are no matter. */
async function isBelowByName(folder: string, real: RawPath, input: RealFolder): Promise<boolean> {
  const way = path.relative(String(input.real), String(real));
  const top = way === '' ? folder : path.resolve(folder, ...way.split('/').map(() => '..'));
  return path.join(top, way) === folder && (await nameOf(top)) === (await nameOf(input.path));
}

/** A path of its own for each name: links above it are followed, the last one is not. */
const nameOf = async (file: string): Promise<string> =>
  path.join(String(await realPathOf(path.dirname(file))), path.basename(file));

/** True for a folder that holds what could be pages (images, archives and folders, hidden names apart), and that no run has made anything in. */
async function isOfNoRun({ output, state }: RunFolders): Promise<boolean> {
  const ours = await readdir(state).catch(() => []);
  if (ours.some((name) => name === 'runs' || isLedgerName(name))) return false;
  const entries = await readdir(output, { withFileTypes: true }).catch(() => []);
  const shown = entries.filter(({ name }) => !isLeftOutName(name));
  const isPages = (name: string): boolean => hasImageSuffix(name) || isArchiveName(name);
  if (shown.some((entry) => entry.isDirectory() || isPages(entry.name))) return true;
  const links = shown.filter((entry) => entry.isSymbolicLink());
  const kinds = await mapLimited(links, LOOKS_AT_ONCE, ({ name }) => kindOf(path.join(output, name)));
  return kinds.includes('folder');
}

/** What is in the output is left out as a page: pages that are inputs would be missed, and written over. */
async function assertHoldsNoInput(
  output: string,
  real: RawPath,
  { inputs, inputFolders }: { inputs: ResolvedInputs; inputFolders: readonly RealFolder[] },
): Promise<void> {
  const around = inputFolders.find((input) => isWithin(keyOf(real), keyOf(input.real)));
  if (around !== undefined) {
    throw usageError(
      `--output ${output}: it is a folder of the input ${around.path}, and contains files that no run wrote`,
      'choose a new folder: files in the output are not read as pages, and may be overwritten',
    );
  }
  if (isWithin(keyOf(await realPathOf(inputs.root)), keyOf(real))) return;
  const held = inputs.entries.find(({ kind, path: file }) => kind === 'file' && isWithin(file, output));
  if (held === undefined) return;
  throw usageError(`--output ${output}: it contains the input ${held.path}`, ANOTHER);
}
