import type { PageSize } from '../model/page.ts';
import type { StructureReader } from './byte-reads.ts';

/** What a TIFF's directories say. */
interface TiffStructure {
  /** Of the first image. */
  readonly size?: PageSize;
  /** Where the farthest strip, tile or directory ends: a shorter file is cut. Infinity where a directory makes no sense. */
  readonly end: number;
}

interface Dialect {
  readonly little: boolean;
  /** Bytes of an offset: 4, or 8 in a BigTIFF. */
  readonly wide: 4 | 8;
}

/** A tag's value, read in full where the tag matters. */
type Tags = ReadonlyMap<number, readonly number[]>;

const WIDTH = 256;
const HEIGHT = 257;
const WHAT_MATTERS = new Set([WIDTH, HEIGHT, 273, 279, 324, 325]);
const BYTES_OF_TYPE: Readonly<Record<number, 1 | 2 | 4 | 8>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };
const MAX_DIRECTORIES = 4096;
const MAX_VALUES = 1 << 20;

/** Reads all directories of a TIFF or BigTIFF. `head` holds at least its first 16 bytes. */
export function* readTiff(head: Buffer, fileBytes: number): StructureReader<TiffStructure> {
  const little = head.toString('latin1', 0, 2) === 'II';
  const wide = number(head, 2, 2, little) === 43 ? 8 : 4;
  const dialect: Dialect = { little, wide };
  let at = number(head, wide === 8 ? 8 : 4, wide, little);
  let end = wide === 8 ? 16 : 8;
  let size: PageSize | undefined;
  const seen = new Set<number>();
  if (at === 0) return { end: Number.POSITIVE_INFINITY };
  while (at !== 0 && !seen.has(at) && seen.size < MAX_DIRECTORIES) {
    seen.add(at);
    const directory = yield* readDirectory(at, dialect, fileBytes);
    if (directory === undefined) return { ...(size && { size }), end: Number.POSITIVE_INFINITY };
    size ??= sizeOf(directory.tags);
    end = Math.max(
      end,
      directory.end,
      endOfData(directory.tags, 273, 279),
      endOfData(directory.tags, 324, 325),
    );
    at = directory.next;
  }
  return { ...(size && { size }), end };
}

/** One directory; undefined where it lies outside the file. */
function* readDirectory(
  at: number,
  { little, wide }: Dialect,
  fileBytes: number,
): StructureReader<{ tags: Tags; next: number; end: number } | undefined> {
  const countBytes = wide === 8 ? 8 : 2;
  const entryBytes = wide === 8 ? 20 : 12;
  if (at + countBytes > fileBytes) return undefined;
  const counted = yield { offset: at, length: countBytes };
  if (counted.length < countBytes) return undefined;
  const count = number(counted, 0, countBytes, little);
  const length = count * entryBytes + wide;
  if (count === 0 || count > 65535 || at + countBytes + length > fileBytes) return undefined;
  const entries = yield { offset: at + countBytes, length };
  if (entries.length < length) return undefined;
  const tags = new Map<number, readonly number[]>();
  let end = at + countBytes + length;
  for (let entry = 0; entry < count * entryBytes; entry += entryBytes) {
    const tag = number(entries, entry, 2, little);
    const each = BYTES_OF_TYPE[number(entries, entry + 2, 2, little)];
    if (each === undefined || !WHAT_MATTERS.has(tag)) continue;
    const values = number(entries, entry + 4, wide, little);
    const bytes = values * each;
    const inline = entry + 4 + wide;
    if (values > MAX_VALUES) continue;
    if (bytes <= wide) {
      tags.set(tag, numbers(entries.subarray(inline, inline + bytes), each, little));
      continue;
    }
    const offset = number(entries, inline, wide, little);
    end = Math.max(end, offset + bytes);
    if (offset + bytes > fileBytes) continue;
    tags.set(tag, numbers(yield { offset, length: bytes }, each, little));
  }
  return { tags, next: number(entries, count * entryBytes, wide, little), end };
}

function sizeOf(tags: Tags): PageSize | undefined {
  const width = tags.get(WIDTH)?.[0];
  const height = tags.get(HEIGHT)?.[0];
  return width && height ? { width, height } : undefined;
}

function endOfData(tags: Tags, offsetsTag: number, countsTag: number): number {
  const counts = tags.get(countsTag) ?? [];
  return (tags.get(offsetsTag) ?? []).reduce(
    (end, offset, at) => Math.max(end, offset + (counts[at] ?? 0)),
    0,
  );
}

function numbers(bytes: Buffer, each: 1 | 2 | 4 | 8, little: boolean): number[] {
  const values: number[] = [];
  for (let at = 0; at + each <= bytes.length; at += each) values.push(number(bytes, at, each, little));
  return values;
}

/** An unsigned number; one past 2^53 loses its last bits, which no file is long enough to miss. */
function number(bytes: Buffer, at: number, length: 1 | 2 | 4 | 8, little: boolean): number {
  if (length === 8) return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return little ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
}
