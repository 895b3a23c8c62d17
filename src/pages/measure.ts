import { readSync } from 'node:fs';
import { imageSize } from 'image-size';
import { readStructureSync } from './byte-reads.ts';
import type { ImageFormat } from './image-format.ts';
import type { PageSize } from './page.ts';
import { readTiff } from './tiff.ts';

/** Most headers lie in the first; a photo's thumbnail and colour profile may push the size into the second. */
const HEADER_READS_BYTES = [4096, 524_288] as const;

/** Width and height from an open file's header, with as little reading as it takes; undefined where they can't be read. */
export function measurePage(fd: number, format: ImageFormat, fileBytes: number): PageSize | undefined {
  for (const bytes of HEADER_READS_BYTES) {
    const length = Math.min(bytes, fileBytes);
    const header = Buffer.allocUnsafe(length);
    const read = header.subarray(0, readSync(fd, header, 0, length, 0));
    const size = format === 'tiff' ? sizeOfTiff(fd, read, fileBytes) : sizeIn(read);
    if (size !== undefined || length === fileBytes || format === 'tiff') return size;
  }
  return undefined;
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
