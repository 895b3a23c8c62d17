import { readSync } from 'node:fs';
import { imageSize } from 'image-size';
import type { PageSize } from '../model/page.ts';
import { readStructureSync } from './byte-reads.ts';
import type { ImageFormat } from './image-format.ts';
import { readTiff } from './tiff.ts';

/** Most headers are in the bytes that are read anyway; a photo's thumbnail and colour profile may push the size further back. */
const LONGEST_HEADER_BYTES = 524_288;

/** An open file of which the first bytes were read. */
interface OpenedImage {
  readonly head: Buffer;
  readonly format: ImageFormat;
  readonly fileBytes: number;
}

/** Width and height from an open file's header, with as little reading as it takes; undefined where they can't be read. */
export function measurePage(fd: number, { head, format, fileBytes }: OpenedImage): PageSize | undefined {
  if (format === 'tiff') return sizeOfTiff(fd, head, fileBytes);
  const size = sizeIn(head);
  if (size !== undefined || head.length >= fileBytes) return size;
  const longer = Buffer.allocUnsafe(Math.min(LONGEST_HEADER_BYTES, fileBytes));
  return sizeIn(longer.subarray(0, readSync(fd, longer, 0, longer.length, 0)));
}

/** A TIFF's directory mostly stands behind its pixels, out of the library's sight. */
const sizeOfTiff = (fd: number, head: Buffer, fileBytes: number): PageSize | undefined =>
  head.length < 16 ? undefined : readStructureSync(fd, readTiff(head, fileBytes)).size;

function sizeIn(header: Buffer): PageSize | undefined {
  try {
    // A copy: the library would read on in the memory behind a header that is cut.
    const { width, height } = imageSize(new Uint8Array(header));
    return width > 0 && height > 0 ? { width, height } : undefined;
  } catch {
    // The library's word for "not in these bytes", and for a header that makes no sense.
    return undefined;
  }
}
