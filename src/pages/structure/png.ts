import { crc32 } from 'node:zlib';
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
const HEADER_BYTES = 13;

/** A PNG's chunks with their checksums, from the header to the end chunk. */
export function* readPng(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const cursor = new FileCursor(8, aheadFor(wanted));
  let found: ImageStructure | undefined;
  let hasPixels = false;
  for (let left = mostParts(fileBytes); left > 0; left--) {
    const start = cursor.at;
    const bytes = yield* cursor.see(8 + HEADER_BYTES);
    if (bytes.length < 12) return NO_END;
    const length = bytes.readUInt32BE(0);
    const type = bytes.toString('latin1', 4, 8);
    if (!/^[A-Za-z]{4}$/.test(type)) return damaged(`there is no chunk at byte ${start}`);
    if (start + 12 + length > fileBytes) return cut(`its ${type} chunk is longer than what is left`);
    if (type === 'IHDR') {
      if (found || length !== HEADER_BYTES || bytes.length < 8 + HEADER_BYTES)
        return damaged('its header chunk is invalid');
      found = withSize(bytes.readUInt32BE(8), bytes.readUInt32BE(12));
      if (wanted === 'size') return found;
    }
    if (type === 'IDAT') hasPixels = true;
    cursor.at += 4;
    const isInHand = bytes.length >= 12 + length;
    const crc = isInHand ? crc32(bytes.subarray(4, 8 + length)) : yield* checksum(cursor, 4 + length);
    const stored = isInHand ? bytes.subarray(8 + length) : yield* cursor.see(4);
    if (stored.length < 4) return NO_END;
    if (crc !== stored.readUInt32BE(0))
      return damaged(`the checksum of its ${type} chunk at byte ${start} is wrong`);
    cursor.at = start + 12 + length;
    if (type === 'IEND') return found?.size && hasPixels ? found : damaged('it has no pixels');
  }
  return TOO_MANY_PARTS;
}

/** The CRC-32 of the next bytes; moves behind them. */
function* checksum(cursor: FileCursor, length: number): StructureReader<number> {
  let crc = 0;
  for (let left = length; left > 0; ) {
    const bytes = yield* cursor.see(1);
    const part = bytes.subarray(0, left);
    if (part.length === 0) break;
    crc = crc32(part, crc);
    left -= part.length;
    cursor.at += part.length;
  }
  return crc;
}
