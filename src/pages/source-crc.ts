import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openRegular } from './open-regular.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * CRC-32 of a file's content, read piece by piece. With its size known, a small file costs one read. Throws what the file
 * system throws.
 */
export async function crcOfFile(path: string, expectedBytes?: number): Promise<number> {
  const file = await openRegular(path, { followLinks: true });
  try {
    return await crcOf(file, expectedBytes);
  } finally {
    await file.close();
  }
}

async function crcOf(file: FileHandle, expectedBytes: number | undefined): Promise<number> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, expectedBytes ?? CHUNK_BYTES)));
  let crc = 0;
  for (let total = 0; total !== expectedBytes; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    crc = crc32(chunk.subarray(0, bytesRead), crc);
    total += bytesRead;
  }
  return crc;
}
