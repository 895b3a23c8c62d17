import type { PageSize } from '../../model/page.ts';
import type { StructureReader } from '../byte-reads.ts';
import { FileCursor, HEADER_BYTES } from './file-cursor.ts';
import { cut, damaged, type ImageStructure, type Wanted } from './image-structure.ts';

interface Dialect {
  readonly little: boolean;
  /** Bytes of an offset: 4, or 8 in a BigTIFF. */
  readonly wide: 4 | 8;
}

/** A tag's values: so many of so many bytes each, at an offset of the file. */
interface Values {
  readonly at: number;
  readonly count: number;
  readonly each: 1 | 2 | 4 | 8;
}

/** Where values of each tag are; a tag that comes twice counts once. */
type Tags = ReadonlyMap<number, Values>;

/** What may still be read of one file: a crafted one could name the same bytes again and again. */
interface Budget {
  directories: number;
  entries: number;
  values: number;
}

const WIDTH = 256;
const HEIGHT = 257;
/** Offsets and lengths: of strips, of tiles, of a JPEG within. */
const DATA_TAGS = [
  [273, 279],
  [324, 325],
  [513, 514],
] as const;
const WHAT_MATTERS: ReadonlySet<number> = new Set([WIDTH, HEIGHT, ...DATA_TAGS.flat()]);
/** By their number; unsigned integers, which are read, and others. */
const BYTES_OF_INTEGER: Readonly<Record<number, 1 | 2 | 4 | 8>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };
const BYTES_OF_OTHER: Readonly<Record<number, number>> = {
  2: 1,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  17: 8,
};
const PAST_END = cut('its directories point past its end');

/** All directories of a TIFF or BigTIFF, and where the data ends that they name. A file with more than a bound is open-ended. */
export function* readTiff(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const head = yield { offset: 0, length: 16 };
  if (head.length < 16) return cut('it ends within its header');
  const little = head.toString('latin1', 0, 2) === 'II';
  const wide = number(head, 2, 2, little) === 43 ? 8 : 4;
  // A BigTIFF says how long its offsets are, though they have one length only.
  if (wide === 8 && (number(head, 4, 2, little) !== 8 || number(head, 6, 2, little) !== 0))
    return damaged('its header is invalid');
  const dialect: Dialect = { little, wide };
  // In small pieces: directories and their values may lie anywhere.
  const cursor = new FileCursor(number(head, wide === 8 ? 8 : 4, wide, little), HEADER_BYTES);
  const budget: Budget = { directories: 128, entries: 1 << 17, values: 1 << 18 };
  if (cursor.at === 0) return damaged('it has no directory');
  const seen = new Set<number>();
  let size: PageSize | undefined;
  // The last one names none; a circle is no reason to call an image cut.
  while (cursor.at !== 0 && !seen.has(cursor.at)) {
    seen.add(cursor.at);
    const tags = yield* readDirectory(cursor, dialect, { budget, fileBytes });
    if (tags === 'past-end') return { ...(size && { size }), ...PAST_END };
    if (tags === 'over-budget') return { ...(size && { size }), isOpenEnded: true };
    const next = cursor.at;
    if (seen.size === 1) {
      size = yield* readSize(cursor, dialect, tags);
      if (wanted === 'size') return size ? { size } : {};
      if (!size) return damaged('its directory gives no size');
    }
    const isComplete = ([offsets, lengths]: readonly [number, number]): boolean =>
      tags.has(offsets) && tags.get(offsets)?.count === tags.get(lengths)?.count;
    if (!DATA_TAGS.some(isComplete)) return damaged('a directory does not say where its pixels are');
    const end = yield* endOfData(cursor, dialect, { tags, budget });
    if (end === 'over-budget') return { ...(size && { size }), isOpenEnded: true };
    if (end > fileBytes) return { ...(size && { size }), ...PAST_END };
    cursor.at = next;
  }
  return size ? { size } : {};
}

/** The directory at the cursor, which moves on to where the next one is. */
function* readDirectory(
  cursor: FileCursor,
  { little, wide }: Dialect,
  { budget, fileBytes }: { budget: Budget; fileBytes: number },
): StructureReader<Tags | 'past-end' | 'over-budget'> {
  const countBytes = wide === 8 ? 8 : 2;
  const entryBytes = wide === 8 ? 20 : 12;
  const counted = yield* cursor.see(countBytes);
  if (counted.length < countBytes) return 'past-end';
  const count = number(counted, 0, countBytes, little);
  if (count === 0 || cursor.at + countBytes + count * entryBytes + wide > fileBytes) return 'past-end';
  budget.directories -= 1;
  budget.entries -= count;
  if (budget.directories < 0 || budget.entries < 0) return 'over-budget';
  cursor.at += countBytes;
  const tags = new Map<number, Values>();
  for (let left = count; left > 0; ) {
    const bytes = yield* cursor.see(entryBytes);
    const entries = Math.min(left, Math.floor(bytes.length / entryBytes));
    if (entries === 0) return 'past-end';
    for (let at = 0; at < entries * entryBytes; at += entryBytes) {
      const tag = number(bytes, at, 2, little);
      const type = number(bytes, at + 2, 2, little);
      const each = BYTES_OF_INTEGER[type];
      const values = number(bytes, at + 4, wide, little);
      const valueBytes = values * (each ?? BYTES_OF_OTHER[type] ?? 0);
      const inline = at + 4 + wide;
      const place = valueBytes <= wide ? cursor.at + inline : number(bytes, inline, wide, little);
      if (place + valueBytes > fileBytes) return 'past-end';
      if (each === undefined || !WHAT_MATTERS.has(tag) || tags.has(tag)) continue;
      tags.set(tag, { at: place, count: values, each });
    }
    left -= entries;
    cursor.at += entries * entryBytes;
  }
  const next = yield* cursor.see(wide);
  if (next.length < wide) return 'past-end';
  cursor.at = number(next, 0, wide, little);
  return tags;
}

function* readSize(cursor: FileCursor, dialect: Dialect, tags: Tags): StructureReader<PageSize | undefined> {
  const [width] = yield* readValues(cursor, dialect, firstOf(tags.get(WIDTH)));
  const [height] = yield* readValues(cursor, dialect, firstOf(tags.get(HEIGHT)));
  return width && height ? { width, height } : undefined;
}

const firstOf = (values: Values | undefined): Values | undefined => values && { ...values, count: 1 };

/** Where the last strip or tile of a directory ends. */
function* endOfData(
  cursor: FileCursor,
  dialect: Dialect,
  { tags, budget }: { tags: Tags; budget: Budget },
): StructureReader<number | 'over-budget'> {
  let end = 0;
  for (const pair of DATA_TAGS) {
    const [offsets, lengths] = pair.map((tag) => tags.get(tag));
    budget.values -= (offsets?.count ?? 0) + (lengths?.count ?? 0);
    if (budget.values < 0) return 'over-budget';
    const places = yield* readValues(cursor, dialect, offsets);
    const bytes = yield* readValues(cursor, dialect, lengths);
    for (const [at, place] of places.entries()) end = Math.max(end, place + (bytes[at] ?? 0));
  }
  return end;
}

/** Values of a tag; fewer where the file ends before. */
function* readValues(
  cursor: FileCursor,
  { little }: Dialect,
  wanted: Values | undefined,
): StructureReader<number[]> {
  const values: number[] = [];
  if (wanted === undefined) return values;
  const { count, each } = wanted;
  cursor.at = wanted.at;
  while (values.length < count) {
    const bytes = yield* cursor.see(each);
    const end = Math.min(count - values.length, Math.floor(bytes.length / each)) * each;
    if (end === 0) break;
    for (let at = 0; at < end; at += each) values.push(number(bytes, at, each, little));
    cursor.at += end;
  }
  return values;
}

/** An unsigned number; one past 2^53 loses its last bits, which no file is long enough to miss. */
function number(bytes: Buffer, at: number, length: 1 | 2 | 4 | 8, little: boolean): number {
  if (length === 8) return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return little ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
}
