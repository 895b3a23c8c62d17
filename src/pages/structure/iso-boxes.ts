import { STRETCH_BYTES, type StructureReader } from '../byte-reads.ts';

/** A box of an ISO media file: AVIF, JPEG XL. */
export interface Box {
  readonly type: string;
  /** Where its content begins and where it ends; past the file's end where the file is cut. */
  readonly from: number;
  readonly to: number;
  /** It says itself that it goes on to the end of the file, wherever that is. */
  readonly isOpenEnded: boolean;
}

/** No image has more at its top level, where each costs a read. */
export const MOST_BOXES = 1024;
const MOST_INNER_BOXES = 4096;

/** The types that images have at their top level. Anything else there is behind the image's end. */
const TYPES: ReadonlySet<string> = new Set([
  ...['ftyp', 'styp', 'meta', 'moov', 'mdat', 'moof', 'mfra', 'sidx', 'pdin', 'emsg', 'free', 'skip', 'wide'],
  ...['uuid', 'JXL ', 'jxlc', 'jxlp', 'jxll', 'jxli', 'jbrd', 'jumb', 'Exif', 'xml ', 'brob'],
]);

/** The box at an offset; undefined where there is none of an image. */
export function* readBox(at: number, fileBytes: number): StructureReader<Box | undefined> {
  const head = yield { offset: at, length: 16 };
  if (head.length < 8) return undefined;
  const box = boxIn(head, 0, fileBytes - at);
  return box && TYPES.has(box.type) ? { ...box, from: at + box.from, to: at + box.to } : undefined;
}

/** The box at a place in these bytes, which may hold its head only; undefined where there is none. `end`: of what is around it. */
export function boxIn(bytes: Buffer, at: number, end: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const short = bytes.readUInt32BE(at);
  const type = bytes.toString('latin1', at + 4, at + 8);
  if (short === 0) return { type, from: at + 8, to: end, isOpenEnded: true };
  const isLong = short === 1;
  if (isLong && at + 16 > bytes.length) return undefined;
  const length = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : short;
  const from = at + (isLong ? 16 : 8);
  return at + length < from ? undefined : { type, from, to: at + length, isOpenEnded: false };
}

/** The boxes that fill these bytes from a place on; undefined where they don't, or are too many. */
export function boxesIn(bytes: Buffer, from = 0): readonly Box[] | undefined {
  const boxes: Box[] = [];
  for (let at = from; at < bytes.length; ) {
    const box = boxIn(bytes, at, bytes.length);
    if (box === undefined || box.to > bytes.length || boxes.length === MOST_INNER_BOXES) return undefined;
    boxes.push(box);
    at = box.to;
  }
  return boxes;
}

/** The content of a box, where it can be seen at once. */
export function* contentOf({ from, to }: Box): StructureReader<Buffer | undefined> {
  if (to - from > STRETCH_BYTES) return undefined;
  const bytes = yield { offset: from, length: to - from };
  return bytes.length === to - from ? bytes : undefined;
}
