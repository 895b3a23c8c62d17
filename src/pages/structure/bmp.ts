import type { StructureReader } from '../byte-reads.ts';
import { cut, damaged, type ImageStructure, type Wanted, withSize } from './image-structure.ts';

const IN_HEADER = cut('it ends within its header');
/** File header, and what is read of the one behind it. */
const HEAD_BYTES = 38;
const OS2_HEADER_BYTES = 12;
const BITS = [1, 2, 4, 8, 16, 24, 32, 64];
/** Neither run lengths nor another format within. */
const UNCOMPRESSED = [0, 3, 6];

/** A BMP's headers, which tell where its pixels end; where they are compressed, what the header says of the file. */
export function* readBmp(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const head = yield { offset: 0, length: HEAD_BYTES };
  if (head.length < 26) return IN_HEADER;
  const headerBytes = head.readUInt32LE(14);
  const isOld = headerBytes === OS2_HEADER_BYTES;
  if (!isOld && head.length < HEAD_BYTES) return IN_HEADER;
  const width = isOld ? head.readUInt16LE(18) : Math.abs(head.readInt32LE(18));
  // Rows from top to bottom have a negative height.
  const height = isOld ? head.readUInt16LE(20) : Math.abs(head.readInt32LE(22));
  const bits = head.readUInt16LE(isOld ? 24 : 28);
  const compression = isOld ? 0 : head.readUInt32LE(30);
  const found = withSize(width, height);
  if (wanted === 'size') return found;
  const pixelsAt = head.readUInt32LE(10);
  if (pixelsAt < 14 + headerBytes) return damaged('its pixels overlap its header');
  if (!found.size) return damaged('it has no size');
  if (head.readUInt16LE(isOld ? 22 : 26) !== 1) return damaged('it has more or less than one plane');
  const isPlain = UNCOMPRESSED.includes(compression);
  if (isPlain && !BITS.includes(bits)) return damaged(`its header says ${bits} bits a pixel`);
  const end = isPlain ? pixelsAt + Math.ceil((width * bits) / 32) * 4 * height : head.readUInt32LE(2);
  return Math.max(end, pixelsAt) <= fileBytes ? found : cut('it is shorter than its header says');
}
