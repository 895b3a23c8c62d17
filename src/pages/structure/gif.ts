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
const MOST_CODE_BITS = 11;

/** A GIF's blocks, to its trailer. */
export function* readGif(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  const cursor = new FileCursor(0, aheadFor(wanted));
  const head = yield* cursor.see(13);
  if (head.length < 13) return NO_END;
  const found = withSize(head.readUInt16LE(6), head.readUInt16LE(8));
  if (wanted === 'size') return found;
  cursor.at = 13 + tableBytes(head.readUInt8(10));
  let hasImage = false;
  for (let left = mostParts(fileBytes); left > 0; left--) {
    const bytes = yield* cursor.see(10);
    switch (bytes[0]) {
      case undefined:
        return NO_END;
      case 0x3b:
        return hasImage ? found : damaged('it has no image');
      case 0x21:
        cursor.at += 2;
        break;
      case 0x2c: {
        if (bytes.length < 10) return NO_END;
        cursor.at += 10 + tableBytes(bytes.readUInt8(9));
        const [codeBits = 0] = yield* cursor.see(1);
        if (codeBits > MOST_CODE_BITS) return damaged(`the image header before byte ${cursor.at} is invalid`);
        cursor.at += 1;
        hasImage = true;
        break;
      }
      default:
        return damaged(`there is no block at byte ${cursor.at}`);
    }
    if (!(yield* skipSubBlocks(cursor))) return NO_END;
  }
  return TOO_MANY_PARTS;
}

/** Bytes of a colour table whose size these flags tell. */
const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));

/** Moves behind the sub-blocks of a block, the empty last one too. False where the file ends before. */
function* skipSubBlocks(cursor: FileCursor): StructureReader<boolean> {
  for (;;) {
    const bytes = yield* cursor.see(1);
    if (bytes.length === 0) return false;
    let at = 0;
    for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
      at += 1 + length;
      if (length > 0) continue;
      cursor.at += at;
      return true;
    }
    cursor.at += at;
  }
}
