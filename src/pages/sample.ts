import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ImageFormat } from './image-format.ts';

const PIECE_BYTES = 4096;
/** Where pixels are not compressed, a change in one place leaves all others as they are. */
const PIECES_UNCOMPRESSED = 16;
/** The end of a compressed image depends on what comes before it. */
const PIECES = 2;

/** The first bytes of an open file, as many as a sample and most headers take; its own buffer. Blocking. */
export function readHead(fd: number, fileBytes: number): Buffer {
  const head = Buffer.allocUnsafe(Math.min(PIECE_BYTES, fileBytes));
  return head.subarray(0, readSync(fd, head, 0, head.length, 0));
}

const piece = Buffer.alloc(PIECE_BYTES);

/**
 * CRC-32 over pieces of a file's content, the first and the last bytes among them: it tells in microseconds whether
 * somebody wrote other content into a file and left its size as it was. Blocking.
 */
export function sampleOf(
  fd: number,
  {
    head,
    format,
    fileBytes,
  }: { readonly head: Buffer; readonly format: ImageFormat | undefined; readonly fileBytes: number },
): number {
  let crc = crc32(head);
  const last = fileBytes - PIECE_BYTES;
  if (last <= 0) return crc;
  const pieces = format === 'bmp' || format === 'tiff' ? PIECES_UNCOMPRESSED : PIECES;
  for (let n = 1; n < pieces; n++) {
    const at = Math.round((last * n) / (pieces - 1));
    crc = crc32(piece.subarray(0, readSync(fd, piece, 0, PIECE_BYTES, at)), crc);
  }
  return crc;
}
