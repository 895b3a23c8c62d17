import type { StructureReader } from '../byte-reads.ts';
import { cut, damaged, type ImageStructure, type Wanted, withSize } from './image-structure.ts';
import { boxesIn, contentOf, MOST_BOXES, readBox } from './iso-boxes.ts';
import { endOfItems } from './item-locations.ts';

const NO_END = cut('its boxes extend past its end');

/** What an AVIF's `meta` box says. */
interface Meta {
  readonly found: ImageStructure;
  /** Where the last of its items ends. */
  readonly end: number;
  /** Its items are in the box itself. */
  readonly hasData: boolean;
}

/** An AVIF's boxes: its items have to be there, and all boxes that an image may have have to be whole. */
export function* readAvif(fileBytes: number, wanted: Wanted): StructureReader<ImageStructure> {
  let meta: Meta | undefined;
  let hasMovie = false;
  let hasData = false;
  let at = 0;
  for (let boxes = 0; boxes < MOST_BOXES && at < fileBytes; boxes++) {
    const box = yield* readBox(at, fileBytes);
    // Another file begins: a video of the same moment.
    if (box === undefined || (box.type === 'ftyp' && at > 0)) break;
    if (box.to > fileBytes) return { ...meta?.found, ...NO_END };
    if (box.type === 'meta' && !meta) {
      const content = yield* contentOf(box);
      // A book of tiles may have it: nothing says then where the image ends.
      meta = content ? metaIn(content) : { found: { isOpenEnded: true }, end: 0, hasData: false };
      if (meta === undefined) return damaged('its meta box is invalid');
      if (wanted === 'size') return meta.found;
      if (meta.end > fileBytes) return NO_END;
      hasData ||= meta.hasData;
    }
    hasMovie ||= box.type === 'moov';
    hasData ||= box.type === 'mdat';
    at = box.to;
  }
  const isThere = hasData && (meta ? at >= meta.end : hasMovie);
  return isThere ? (meta?.found ?? {}) : cut('its boxes end before its image');
}

/** Each image has them all. */
const NEEDED = ['hdlr', 'pitm', 'iloc', 'iinf', 'iprp'];

function metaIn(content: Buffer): Meta | undefined {
  const boxes = boxesIn(content, 4);
  if (boxes === undefined) return undefined;
  const missing = NEEDED.filter((type) => !boxes.some((box) => box.type === type));
  // One alone has hardly lost its type by a broken byte.
  if (missing.length > 0 && missing.length < NEEDED.length - 1) return undefined;
  let found: ImageStructure = {};
  let end = 0;
  let hasData = false;
  for (const { type, from, to } of boxes) {
    const bytes = content.subarray(from, to);
    if (type === 'iprp') found = largestIn(bytes);
    if (type === 'idat') hasData = true;
    if (type !== 'iloc') continue;
    const last = endOfItems(bytes);
    if (last === undefined) return undefined;
    end = last;
  }
  return { found, end, hasData };
}

/** Of an image made of tiles each has a size, and the whole has one. */
function largestIn(properties: Buffer): ImageStructure {
  const container = boxesIn(properties)?.find(({ type }) => type === 'ipco');
  const listed = container && properties.subarray(container.from, container.to);
  let [width, height] = [0, 0];
  for (const { type, from, to } of (listed && boxesIn(listed)) ?? []) {
    if (listed === undefined || type !== 'ispe' || to - from < 12) continue;
    const [w, h] = [listed.readUInt32BE(from + 4), listed.readUInt32BE(from + 8)];
    if (w * h > width * height) [width, height] = [w, h];
  }
  return withSize(width, height);
}
