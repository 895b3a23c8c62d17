import { type Dirent, readdir } from 'node:fs';
import path from 'node:path';
import { type GlobSegment, inOneForm, matchesName, readGlob } from './glob.ts';
import { mapLimited } from './map-limited.ts';

/** Few enough for any limit on open files. */
const FOLDERS_AT_ONCE = 16;

/**
 * The paths that a glob may mean, absolute, each once: hidden names only where the pattern begins with a dot, `**` without the
 * folders that links lead to, which may be circles. What has no special character in it need not be there.
 * @throws Refusal (2) as `readGlob`
 */
export async function globPaths(glob: string, cwd: string): Promise<string[]> {
  const start = path.isAbsolute(glob) ? '/' : cwd;
  const found = await Promise.all(readGlob(glob).map((reading) => pathsOf(reading, start)));
  return [...new Set(found.flat().map((name) => path.resolve(name)))];
}

/** Not `path.join`, which looks through all of a path for each name. */
const joined = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`;

async function pathsOf(reading: readonly GlobSegment[], start: string): Promise<string[]> {
  let places = [start];
  for (const [at, segment] of reading.entries()) {
    const isLast = at === reading.length - 1;
    const next = await mapLimited(places, FOLDERS_AT_ONCE, (place) => nextPlaces(place, segment, isLast));
    places = [...new Set(next.flat())];
  }
  return places;
}

async function nextPlaces(place: string, segment: GlobSegment, isLast: boolean): Promise<string[]> {
  switch (segment.is) {
    case 'literal':
      return [joined(place, segment.written)];
    case 'folders':
      return isLast
        ? allBelow(place, () => true)
        : [place, ...(await allBelow(place, (entry) => entry.isDirectory()))];
    case 'pattern': {
      const names = (await entriesOf(place)).map(({ name }) => name);
      return names
        .filter(
          (name) => (segment.meansHidden || !name.startsWith('.')) && matchesName(segment, inOneForm(name)),
        )
        .map((name) => joined(place, name));
    }
  }
}

async function allBelow(folder: string, takes: (entry: Dirent) => boolean): Promise<string[]> {
  const visible = (await entriesOf(folder)).filter(({ name }) => !name.startsWith('.'));
  const below = await mapLimited(
    visible.filter((entry) => entry.isDirectory()),
    FOLDERS_AT_ONCE,
    ({ name }) => allBelow(joined(folder, name), takes),
  );
  return [...visible.filter(takes).map(({ name }) => joined(folder, name)), ...below.flat()];
}

/** Nothing where there is no folder, or none that may be read. */
const entriesOf = (folder: string): Promise<Dirent[]> =>
  new Promise((resolve) => {
    readdir(folder, { withFileTypes: true }, (error, entries) => resolve(error ? [] : entries));
  });
