import type { StructureReader } from '../byte-reads.ts';
import { aheadFor, FileCursor } from './file-cursor.ts';
import {
  cut,
  damaged,
  type ImageStructure,
  mostParts,
  TOO_MANY_PARTS,
  type Wanted,
  withSize,
} from './image-structure.ts';

const NO_END = cut('its end is missing');
const SCAN = 0xda;
const END = 0xd9;
/** Segments of tables, of the applications and of comments; a restart interval; the number of lines. */
const hasSegment = (marker: number): boolean =>
  marker === 0xc4 || marker === 0xcc || marker === 0xfe || (marker >= 0xdb && marker <= 0xef);
/** Start of a frame, of any coding. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** A JPEG's segments from its first marker to the one of its end: a thumbnail's end lies within a segment. */
export function* readJpeg(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const cursor = new FileCursor(2, aheadFor(wanted));
  let frame: ImageStructure | undefined;
  let hasScan = false;
  for (let left = mostParts(fileBytes); left > 0; left--) {
    let bytes = yield* cursor.see(4);
    const marker = bytes[1];
    if (marker === undefined) return NO_END;
    if (bytes[0] !== 0xff) return damaged(`there is no marker at byte ${cursor.at}`);
    if (marker === 0xff) {
      cursor.at += fillBytes(bytes);
      continue;
    }
    if (marker === END) return frame && hasScan ? frame : damaged('its end comes before its pixels');
    if (!hasSegment(marker) && !isFrame(marker) && marker !== SCAN)
      return damaged(`there is a marker ff${hex(marker)} at byte ${cursor.at}`);
    if (bytes.length < 4) return NO_END;
    const length = bytes.readUInt16BE(2);
    if (length < 2) return damaged(`a segment without a length at byte ${cursor.at}`);
    if (isFrame(marker)) {
      bytes = yield* cursor.see(10);
      if (bytes.length < 10) return NO_END;
      if (frame) return damaged('it has two frames');
      if (length !== 8 + 3 * bytes.readUInt8(9)) return damaged('its frame header is invalid');
      frame = withSize(bytes.readUInt16BE(7), bytes.readUInt16BE(5));
      if (wanted === 'size') return frame;
    }
    if (marker === SCAN) {
      bytes = yield* cursor.see(5);
      if (bytes.length < 5) return NO_END;
      if (!frame || length !== 6 + 2 * bytes.readUInt8(4)) return damaged('a scan header is invalid');
    }
    cursor.at += 2 + length;
    if (marker !== SCAN) continue;
    hasScan = true;
    if (!(yield* skipScan(cursor))) return NO_END;
  }
  return TOO_MANY_PARTS;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** How many of these bytes only fill the space before a marker. */
function fillBytes(bytes: Buffer): number {
  let count = 1;
  while (bytes[count + 1] === 0xff) count++;
  return count;
}

/** Moves to the marker behind a scan's data. False where the file ends before. */
function* skipScan(cursor: FileCursor): StructureReader<boolean> {
  for (;;) {
    const bytes = yield* cursor.see(2);
    if (bytes.length < 2) return false;
    const to = markerIn(bytes);
    cursor.at += to;
    if (to + 1 < bytes.length) return true;
  }
}

/**
 * Where the first marker is that ends a scan: 0xff before anything but a stuffed 0, a restart or another 0xff; else where
 * to go on. The search is ten times faster than a loop, but for data full of 0xff.
 */
function markerIn(bytes: Buffer): number {
  const last = bytes.length - 1;
  let searches = bytes.length / 64;
  for (let at = 0; at < last; ) {
    if (bytes[at] === 0xff) {
      const next = bytes[at + 1] ?? 0;
      if (next === 0xff) at += 1;
      else if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at += 2;
      else return at;
    } else if (searches-- > 0) {
      at = bytes.indexOf(0xff, at);
      if (at === -1) return bytes.length;
    } else at += 1;
  }
  return bytes[last] === 0xff ? last : bytes.length;
}
