import type { StructureReader } from '../byte-reads.ts';
import { cut, damaged, type ImageStructure, type Wanted, withSize } from './image-structure.ts';

const MOST_CHUNKS = 4096;
const SHORTER = cut('it is shorter than its header says');
/** To the first byte of the first chunk's content. */
const HEAD_BYTES = 21;
/** Where the sizes of all kinds are seen. */
const SIZE_BYTES = 30;

/** A WebP's chunks, as far as its RIFF header says that it goes. */
export function* readWebp(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const head = yield { offset: 0, length: SIZE_BYTES };
  if (head.length < HEAD_BYTES) return SHORTER;
  const found = sizeOf(head.subarray(12));
  if (wanted === 'size') return found;
  const end = head.readUInt32LE(4) + 8;
  if (end > fileBytes) return SHORTER;
  let hasImage = false;
  let at = 12;
  for (let chunk = 0; chunk < MOST_CHUNKS && at + 8 <= end; chunk++) {
    const bytes = yield { offset: at, length: 14 };
    if (bytes.length < 8) return SHORTER;
    const length = bytes.readUInt32LE(4);
    if (at + 8 + length > end) return damaged(`its chunk at byte ${at} is longer than the image`);
    hasImage ||= isImage(bytes);
    // An odd chunk has a byte more.
    at += 8 + length + (length % 2);
  }
  return hasImage && found.size ? found : damaged('it has no image');
}

function isImage(chunk: Buffer): boolean {
  const type = chunk.toString('latin1', 0, 4);
  if (type === 'VP8L') return chunk[8] === 0x2f;
  if (type === 'VP8 ') return chunk.toString('latin1', 11, 14) === '\x9d\x01\x2a';
  return type === 'ANMF';
}

function sizeOf(chunk: Buffer): ImageStructure {
  const type = chunk.toString('latin1', 0, 4);
  if (chunk.length < (type === 'VP8L' ? 13 : 18)) return {};
  switch (type) {
    case 'VP8X':
      return withSize(1 + chunk.readUIntLE(12, 3), 1 + chunk.readUIntLE(15, 3));
    case 'VP8L': {
      const bits = chunk.readUInt32LE(9);
      return withSize(1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff));
    }
    case 'VP8 ':
      return withSize(chunk.readUInt16LE(14) & 0x3fff, chunk.readUInt16LE(16) & 0x3fff);
    default:
      return {};
  }
}
