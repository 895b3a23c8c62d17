import path from 'node:path';
import { type GlobSegment, literalSegments, matchesPath, namesOf, readGlob } from './glob.ts';

/**
 * The paths that a glob means, absolute, each once: hidden names only where the pattern begins with a dot, `**` without the
 * folders that links lead to, which may be circles.
 * @throws Refusal (2) as `readGlob`
 */
export async function globPaths(glob: string, cwd: string): Promise<string[]> {
  // Loaded only where there is a glob: starting is measured.
  const { default: fastGlob } = await import('fast-glob');
  const readings = readGlob(glob);
  const isAbsolute = path.isAbsolute(glob);
  // The library makes regular expressions of patterns, and some of those take years: it walks, and the names are matched here.
  const wider = readings.map((reading) => reading.map((segment) => widened(segment, fastGlob.escapePath)));
  const found = await fastGlob(
    wider.map((names) => `${isAbsolute ? '/' : ''}${names.join('/')}`),
    {
      cwd,
      absolute: true,
      onlyFiles: false,
      unique: true,
      followSymbolicLinks: !glob.includes('**'),
      braceExpansion: false,
      extglob: false,
      suppressErrors: true,
    },
  );
  const start = isAbsolute ? [] : literalSegments(cwd);
  const wanted = readings.map((reading) => withoutDots([...start, ...reading]));
  return found.filter((name) => wanted.some((reading) => matchesPath(reading, namesOf(name))));
}

/** A pattern that means no less than the segment. */
function widened(segment: GlobSegment, asLiteral: (name: string) => string): string {
  if (segment.is === 'folders') return '**';
  // Another form of the name may stand on the disk. With some backslashes at a name's end the library never comes back.
  if (segment.is === 'literal' && !NOT_ASCII.test(segment.written) && !segment.written.includes('\\'))
    return asLiteral(segment.written);
  const isHidden = segment.is === 'literal' ? segment.name.startsWith('.') : segment.meansHidden;
  return isHidden ? '.*' : '*';
}

const NOT_ASCII = /[^\0-\x7f]/;

/** Without `.` and `..`, as absolute paths are found. */
function withoutDots(segments: readonly GlobSegment[]): GlobSegment[] {
  const left: GlobSegment[] = [];
  for (const segment of segments) {
    if (segment.is === 'literal' && segment.name === '..') left.pop();
    else if (segment.is !== 'literal' || segment.name !== '.') left.push(segment);
  }
  return left;
}
