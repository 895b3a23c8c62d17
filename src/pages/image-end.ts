import type { Stretch, StructureReader } from './byte-reads.ts';
import { formatOf, type ImageFormat } from './image-format.ts';
import { readTiff } from './tiff.ts';

/** Whether an image is there to its end. `endChecked`: its format has an end, and the end was there. */
export type ImageEnd =
  | { readonly whole: true; readonly format?: ImageFormat; readonly endChecked: boolean }
  | { readonly whole: false; readonly why: string };

/** Some writers pad a file to a block; more than this behind an image's end is something else. */
const PADDING_BYTES = 4096;
const TAIL_BYTES = PADDING_BYTES + 12;
const HEAD_READ_BYTES = 64;
const IEND = Buffer.from('0000000049454e44ae426082', 'hex');
const MAX_BOXES = 10_000;

/** What `readImageEnd` asks for first. */
const FIRST_STRETCH: Stretch = { offset: 0, length: HEAD_READ_BYTES };

/** Reads as much of an image as tells whether it is cut: head, end, and where the format has it, its structure. */
export function* readImageEnd(fileBytes: number): StructureReader<ImageEnd> {
  if (fileBytes === 0) return cut('the file is empty');
  const head = yield FIRST_STRETCH;
  const format = formatOf(head);
  switch (format) {
    case undefined:
      return { whole: true, endChecked: false };
    case 'tiff': {
      if (head.length < 16) return cut('the TIFF is cut within its header');
      const { end } = yield* readTiff(head, fileBytes);
      return judge(format, end <= fileBytes, 'its directories name data past its end');
    }
    case 'avif':
      return yield* readBoxes(format, fileBytes);
    case 'jxl':
      return head[0] === 0xff
        ? { whole: true, format, endChecked: false }
        : yield* readBoxes(format, fileBytes);
    case 'webp':
      return judge(format, head.readUInt32LE(4) + 8 <= fileBytes, 'it is shorter than its header says');
    case 'bmp':
      return judge(format, endOfBmp(head) <= fileBytes, 'it is shorter than its header says');
    default: {
      const tail = yield tailOf(fileBytes);
      return judge(format, ENDS[format](tail, fileBytes), 'its end is missing');
    }
  }
}

const ENDS = {
  // The end chunk holds its checksum: these bytes stand nowhere else.
  png: (tail: Buffer, fileBytes: number) => tail.includes(IEND) && fileBytes >= 8 + 25 + IEND.length,
  // A thumbnail ends like its image: behind the end of this one may be padding only.
  jpeg: (tail: Buffer) => endsWith(unpadded(tail), [0xff, 0xd9]),
  gif: (tail: Buffer) => endsWith(unpadded(tail), [0x00, 0x3b]),
} as const satisfies Partial<Record<ImageFormat, (tail: Buffer, fileBytes: number) => boolean>>;

const cut = (why: string): ImageEnd => ({ whole: false, why });

const judge = (format: ImageFormat, whole: boolean, why: string): ImageEnd =>
  whole ? { whole, format, endChecked: true } : cut(`the ${format.toUpperCase()} is cut: ${why}`);

const tailOf = (fileBytes: number): Stretch => ({
  offset: Math.max(0, fileBytes - TAIL_BYTES),
  length: Math.min(TAIL_BYTES, fileBytes),
});

const PADDING = new Set([0x00, 0x0a, 0x0d, 0x20, 0xff]);

function unpadded(tail: Buffer): Buffer {
  let end = tail.length;
  while (end > 0 && PADDING.has(tail[end - 1] ?? -1)) end--;
  return tail.subarray(0, end);
}

const endsWith = (bytes: Buffer, end: readonly number[]): boolean =>
  end.every((byte, at) => bytes[bytes.length - end.length + at] === byte);

/** Where a BMP's pixels end; where they are compressed, what its header says of the file. */
function endOfBmp(head: Buffer): number {
  const headerBytes = head.readUInt32LE(14);
  const pixelsAt = head.readUInt32LE(10);
  if (headerBytes === 12) {
    if (head.length < 26) return Number.POSITIVE_INFINITY;
    return pixelsAt + rowBytes(head.readUInt16LE(18), head.readUInt16LE(24)) * head.readUInt16LE(20);
  }
  if (head.length < 38) return Number.POSITIVE_INFINITY;
  const compression = head.readUInt32LE(30);
  if (compression !== 0 && compression !== 3 && compression !== 6) return head.readUInt32LE(2);
  const width = Math.abs(head.readInt32LE(18));
  return pixelsAt + rowBytes(width, head.readUInt16LE(28)) * Math.abs(head.readInt32LE(22));
}

const rowBytes = (width: number, bits: number): number => Math.ceil((width * bits) / 32) * 4;

/** Boxes of ISO media files (AVIF, JXL): the last one ends where the file does. */
function* readBoxes(format: ImageFormat, fileBytes: number): StructureReader<ImageEnd> {
  let at = 0;
  let hasImage = false;
  for (let box = 0; box < MAX_BOXES && at < fileBytes; box++) {
    const header = yield { offset: at, length: 16 };
    if (header.length < 8) break;
    const type = header.toString('latin1', 4, 8);
    hasImage ||= ['mdat', 'jxlc', 'jxlp', 'idat', 'meta'].includes(type);
    const short = header.readUInt32BE(0);
    // A box of size 0 goes on to the file's end, wherever that is.
    if (short === 0) return { whole: true, format, endChecked: false };
    const size = short === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : short;
    if (size < 8) break;
    at += size;
  }
  return judge(format, at === fileBytes && hasImage, 'its boxes do not end where it does');
}
