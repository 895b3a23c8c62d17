import path from 'node:path';
import { type EarlierOutputs, holdsOneOf } from './earlier-outputs.ts';
import { type GlobSegment, literalSegments, readGlob } from './glob.ts';
import { mapLimited } from './map-limited.ts';
import { sameForm } from './name-form.ts';

const LOOKS_AT_ONCE = 64;

/** Something that a glob matched, by its absolute path. */
interface Matched {
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/**
 * What a glob matched without earlier runs' outputs, and these, folders or archives that were packed: a pattern such as `lib/*` or `**` matches them
 * too, but only a name means them. Looks at each folder once.
 */
export async function withoutOutputs<M extends Matched>(
  matched: readonly M[],
  { glob, cwd, outputs }: { readonly glob: string; readonly cwd: string; readonly outputs: EarlierOutputs },
): Promise<{ readonly entries: M[]; readonly leftOut: string[] }> {
  const readings = readGlob(glob);
  const starts = readings.map((reading) => startOf(reading, path.isAbsolute(glob) ? '/' : cwd));
  const named = new Set(readings.flat().flatMap((segment) => (segment.is === 'literal' ? segment.name : [])));
  const mayBe = (folder: string): boolean =>
    !named.has(sameForm(path.basename(folder))) && !holdsOneOf(sameForm(folder), starts);
  const folderOf = ({ path: where, kind }: Matched): string =>
    kind === 'folder' ? where : path.dirname(where);
  const folders = [...new Set(matched.map(folderOf))];
  const found = await mapLimited(folders, LOOKS_AT_ONCE, (folder) => outputs.around(folder, mayBe));
  const outputOf = new Map(folders.map((folder, at) => [folder, found[at]]));
  const leftOut = new Set(found.flatMap((output) => output ?? []));
  const entries = matched.filter((one) => outputOf.get(folderOf(one)) === undefined);
  const arePacked = await mapLimited(
    entries,
    LOOKS_AT_ONCE,
    async ({ path: where, kind }) => kind === 'file' && (await outputs.isPacked(where)),
  );
  return {
    entries: entries.filter((_one, at) => !arePacked[at]),
    leftOut: [
      ...[...leftOut].filter((folder) => !liesInOneOf(leftOut, folder)),
      ...entries.flatMap((one, at) => (arePacked[at] ? one.path : [])),
    ],
  };
}

/** True for what lies in one of the folders. */
function liesInOneOf(folders: ReadonlySet<string>, folder: string): boolean {
  const parent = path.dirname(folder);
  return folders.has(parent) || (parent !== folder && liesInOneOf(folders, parent));
}

/** The folder that the glob names before its first pattern, in the form in which names are compared. */
function startOf(reading: readonly GlobSegment[], base: string): string {
  const first = reading.findIndex(({ is }) => is !== 'literal');
  const way = reading.slice(0, first === -1 ? undefined : first);
  const names = [...literalSegments(base), ...way].flatMap((segment) =>
    'name' in segment ? segment.name : [],
  );
  return path.resolve('/', ...names);
}
