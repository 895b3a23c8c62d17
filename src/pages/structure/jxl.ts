import { NO_BYTES, type StructureReader } from '../byte-reads.ts';
import { cut, type ImageStructure, type Wanted, withSize } from './image-structure.ts';
import { MOST_BOXES, readBox } from './iso-boxes.ts';

/** Of a codestream, from its signature to the end of its size. */
const SIZE_BYTES = 12;

/** A JPEG XL: its boxes, of which one ends its codestream; nothing tells where a bare codestream ends. */
export function* readJxl(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const head = yield { offset: 0, length: SIZE_BYTES };
  if (head[0] === 0xff) return { ...sizeOf(head), isOpenEnded: true };
  let codestream = NO_BYTES;
  let isComplete = false;
  let hasType = false;
  let at = 0;
  for (let boxes = 0; boxes < MOST_BOXES && at < fileBytes; boxes++) {
    const box = yield* readBox(at, fileBytes);
    if (box === undefined) break;
    const { type, from, to, isOpenEnded } = box;
    // Another file begins.
    if (type === 'ftyp' && hasType) break;
    hasType ||= type === 'ftyp';
    if (type === 'jxlc' || type === 'jxlp') {
      const bytes = (yield { offset: from, length: 4 + SIZE_BYTES }).subarray(0, to - from);
      // The first part may end within the size.
      const content = bytes.subarray(type === 'jxlp' ? 4 : 0);
      if (codestream.length < SIZE_BYTES) codestream = Buffer.concat([codestream, content]);
      if (wanted === 'size' && codestream.length >= SIZE_BYTES) break;
      // The first bit of a part's number marks the last part.
      isComplete ||= type === 'jxlc' || ((bytes[0] ?? 0) & 0x80) !== 0;
      if (isOpenEnded) return { ...sizeOf(codestream), isOpenEnded };
    }
    if (to > fileBytes) return cut('its boxes extend past its end');
    at = to;
  }
  return isComplete || wanted === 'size' ? sizeOf(codestream) : cut('its boxes end before its image');
}

const RATIOS: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

/** The size that a codestream begins with: bits from the lowest on. */
function sizeOf(start: Buffer): ImageStructure {
  if (start.length < 2) return {};
  const codestream = Buffer.concat([start], SIZE_BYTES);
  let bits = codestream.readBigUInt64LE(2) | (BigInt(codestream.readUInt16LE(10)) << 64n);
  const take = (count: number): number => {
    const value = Number(bits & ((1n << BigInt(count)) - 1n));
    bits >>= BigInt(count);
    return value;
  };
  const isSmall = take(1) === 1;
  const side = (): number => (isSmall ? 8 * (1 + take(5)) : 1 + take([9, 13, 18, 30][take(2)] ?? 0));
  const height = side();
  const [across, down] = RATIOS[take(3) - 1] ?? [];
  const width = across === undefined || down === undefined ? side() : Math.floor((height * across) / down);
  return withSize(width, height);
}
