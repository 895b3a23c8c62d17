import { shellQuote } from '../model/shell-quote.ts';
import { suffixOf } from './image-format.ts';
import { isArchiveName } from './sources/archive-directory.ts';

/** What a walk saw beside pages, so that a run without pages can say what is there instead. Filled while it walks. */
export interface Sightings {
  pages: number;
  /** Images that `--include` and `--exclude` kept out. */
  filtered: number;
  hidden: number;
  /** Folders that a NAS or a system keeps for itself, by name. */
  readonly ofSystem: Map<string, number>;
  /** Folders and archives with an earlier run's output that nobody named: their ids, or paths where they lie outside the root. */
  readonly earlierOutputs: string[];
  /** Files that are no images, by suffix in lower case; '' for none. */
  readonly others: Map<string, number>;
  /** Of these, archives that are not read, by suffix: how many, and the id of the first. */
  readonly archives: Map<string, { readonly count: number; readonly example: string }>;
  /** What is left out of archives that are read, in whole sentences. */
  readonly inArchives: string[];
  /** Linked folders that lead into what is walked anyway, a loop among them: not followed again. */
  readonly linkedAgain: string[];
  /** Links without an image's suffix that lead nowhere: perhaps a disk that is not mounted. */
  readonly deadLinks: string[];
  /** Of `--include` and `--exclude`, those that matched nothing in the whole walk, as they would be given. */
  readonly unmatched: string[];
}

/** Nothing seen yet. */
export const noSightings = (): Sightings => ({
  pages: 0,
  filtered: 0,
  hidden: 0,
  ofSystem: new Map(),
  earlierOutputs: [],
  others: new Map(),
  archives: new Map(),
  inArchives: [],
  linkedAgain: [],
  deadLinks: [],
  unmatched: [],
});

/** Counts a folder that a system keeps for itself. */
export function sawOfSystem(seen: Sightings, name: string): void {
  seen.ofSystem.set(name, (seen.ofSystem.get(name) ?? 0) + 1);
}

/** `3 system folders (@eaDir, #recycle)`; undefined where there was none. */
export function describeOfSystem(ofSystem: Iterable<readonly [string, number]>): string | undefined {
  const folders = [...ofSystem];
  const count = folders.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0) return undefined;
  return `${count} system folder${count === 1 ? '' : 's'} (${folders.map(([name]) => name).join(', ')})`;
}

const OUTPUTS_NAMED = 3;

/** `2 folders with the output of an earlier run (ch1-translated, ch2-translated)`; undefined where there was none. */
export function describeEarlierOutputs(folders: readonly string[]): string | undefined {
  const [first, second] = folders;
  if (first === undefined) return undefined;
  const named = folders.slice(0, OUTPUTS_NAMED).join(', ');
  const more = folders.length > OUTPUTS_NAMED ? ', …' : '';
  if (folders.some(isArchiveName) && !folders.every(isArchiveName))
    return `the output of an earlier run (${named}${more})`;
  const [one, several] = folders.every(isArchiveName) ? ['an archive', 'archives'] : ['a folder', 'folders'];
  const count = second === undefined ? one : `${folders.length} ${several}`;
  return `${count} with the output of an earlier run (${named}${more})`;
}

/** What to do about them. */
export const NAME_OUTPUT = 'to translate these pages, name only that as an input';

/** The same as a line; undefined where there was none. */
export function earlierOutputsLeftOut({ earlierOutputs }: Sightings): string | undefined {
  const folders = describeEarlierOutputs(earlierOutputs);
  return folders === undefined ? undefined : `Not included: ${folders}; ${NAME_OUTPUT}.`;
}

/** Counts a file that is no image; `id` is its path relative to the input root. */
export function sawOther(seen: Sightings, id: string): void {
  const suffix = suffixOf(id);
  seen.others.set(suffix, (seen.others.get(suffix) ?? 0) + 1);
  if (!isUnreadArchive(id)) return;
  const known = seen.archives.get(suffix);
  seen.archives.set(suffix, { count: (known?.count ?? 0) + 1, example: known?.example ?? id });
}

/** What unpacks a kind of archive, by suffix; the file's name goes where `FILE` stands. */
const UNPACKED_WITH: Readonly<Record<string, string>> = {
  cbz: 'unzip FILE',
  zip: 'unzip FILE',
  cbr: 'unar FILE',
  rar: 'unar FILE',
  cb7: '7z x FILE',
  '7z': '7z x FILE',
  cbt: 'tar -xf FILE',
  tar: 'tar -xf FILE',
  pdf: 'pdfimages -all FILE page',
  epub: 'unzip FILE',
  mobi: 'ebook-convert FILE book.epub',
  azw3: 'ebook-convert FILE book.epub',
};

/** True for the name of an archive, of whatever kind. */
export const isUnreadArchive = (name: string): boolean => Object.hasOwn(UNPACKED_WITH, suffixOf(name));

/** What to do about archives that were seen and are not read; undefined where there are none. */
export function howToUnpack({ archives }: Sightings): string | undefined {
  const [first] = archives;
  if (first === undefined) return undefined;
  const [suffix, { example }] = first;
  return `unpack ${example} into a folder first (${commandFor(suffix, example)})`;
}

/** `1 .cbr (unar vol2.cbr) and 2 .pdf (…) among the inputs are not read: …`; undefined where there are none. */
export function describeArchives({ archives }: Sightings): string | undefined {
  const found = [...archives].map(
    ([suffix, { count, example }]) => `${count} .${suffix} (${commandFor(suffix, example)})`,
  );
  const last = found.pop();
  if (last === undefined) return undefined;
  const all = found.length === 0 ? last : `${found.join(', ')} and ${last}`;
  return `Not read: ${all} among the inputs. Unpack them into folders first.`;
}

/** Names begin with whatever they like: a function, as `$&` in one would mean something. */
const commandFor = (suffix: string, name: string): string =>
  (UNPACKED_WITH[suffix] ?? '').replace('FILE', () => shellQuote([name]));

const SUFFIXES_NAMED = 4;

/** `12 .txt, 3 .zip, 1 hidden`: what there was instead of pages; `nothing` for an empty folder. */
export function describeOthers(seen: Sightings): string {
  const byCount = [...seen.others].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const parts = byCount
    .slice(0, SUFFIXES_NAMED)
    .map(([suffix, count]) => (suffix === '' ? `${count} without a suffix` : `${count} .${suffix}`));
  const rest = byCount.slice(SUFFIXES_NAMED).reduce((sum, [, count]) => sum + count, 0);
  if (rest > 0) parts.push(`${rest} of other kinds`);
  if (seen.filtered > 0) parts.push(`${seen.filtered} excluded by --include or --exclude`);
  if (seen.hidden > 0) parts.push(`${seen.hidden} hidden`);
  const ofSystem = describeOfSystem(seen.ofSystem);
  if (ofSystem !== undefined) parts.push(ofSystem);
  const outputs = describeEarlierOutputs(seen.earlierOutputs);
  if (outputs !== undefined) parts.push(outputs);
  if (seen.deadLinks.length > 0) parts.push(`${seen.deadLinks.length} dead links`);
  return parts.join(', ') || 'nothing';
}
