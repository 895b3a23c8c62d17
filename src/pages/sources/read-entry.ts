import { fstatSync, readSync, type Stats } from 'node:fs';
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { errorCode } from '../../model/error-code.ts';
import type { ArchiveEntry } from '../../model/page.ts';
import { withRegularSync } from '../open-regular.ts';

/** The content of an entry can't be had; the message says why, in words. */
export class BrokenEntry extends Error {
  override readonly name = 'BrokenEntry';
}

/** An entry's content, and the archive that it was read from. */
export interface ReadEntry {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;
const CHANGED = 'its archive was changed while the run was in progress: run the same command again';
/** Holds what most images say of themselves before their pixels. */
const HEAD_BYTES = 64 * 1024;

/**
 * The whole content of an entry, its CRC-32 checked: as long as that is right, whatever else happened to the archive since its
 * directory was read is no matter. Blocking: for threads.
 * @throws BrokenEntry where it is not what the archive's directory says; what the file system throws
 */
export function readEntry(entry: ArchiveEntry): ReadEntry {
  const { compressedBytes, bytes, isDeflated } = entry;
  return withEntry(entry, compressedBytes, (stored, stats) => {
    if (stored.length < compressedBytes) throw new BrokenEntry('the archive is cut off within it');
    const content = isDeflated ? inflated(stored, bytes) : stored;
    if (content.length !== bytes || crc32(content) !== entry.crc32) {
      throw new BrokenEntry('its content is damaged: it does not match its checksum in the archive');
    }
    return { bytes: content, stats };
  });
}

/** The first bytes of an entry, some of them at least, unchecked: enough for most headers. Throws as `readEntry`. */
export function readEntryHead(entry: ArchiveEntry): ReadEntry {
  const { compressedBytes, isDeflated } = entry;
  return withEntry(entry, Math.min(compressedBytes, HEAD_BYTES), (stored, stats) => ({
    bytes: isDeflated ? inflatedHead(stored) : stored,
    stats,
  }));
}

function withEntry<T>(
  { archive, offset }: ArchiveEntry,
  wanted: number,
  act: (stored: Buffer, stats: Stats) => T,
): T {
  return withRegularSync(archive.path, { followLinks: true }, (fd) => {
    const stats = fstatSync(fd);
    try {
      const header = readAt(fd, offset, LOCAL_HEADER_BYTES);
      if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER) {
        throw new BrokenEntry('the archive is damaged: it is not where the directory says');
      }
      const from = offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
      return act(readAt(fd, from, Math.max(0, Math.min(wanted, stats.size - from))), stats);
    } catch (error) {
      const isChanged = stats.size !== archive.bytes || stats.mtimeMs !== archive.mtimeMs;
      throw isChanged && error instanceof BrokenEntry ? new BrokenEntry(CHANGED) : error;
    }
  });
}

function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(fd, buffer, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return buffer.subarray(0, done);
}

function inflated(stored: Buffer, bytes: number): Buffer {
  try {
    // One more than it may be: zlib refuses 0.
    return inflateRawSync(stored, { maxOutputLength: bytes + 1 });
  } catch (error) {
    throw brokenStream(error);
  }
}

/** Where the head of the stream is not enough for any byte, there is none. */
function inflatedHead(stored: Buffer): Buffer {
  try {
    return inflateRawSync(stored, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: HEAD_BYTES * 1100,
    });
  } catch (error) {
    throw brokenStream(error);
  }
}

function brokenStream(error: unknown): unknown {
  const code = errorCode(error);
  const isOfStream = code?.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE';
  return isOfStream ? new BrokenEntry('its content is damaged: it can not be unpacked') : error;
}
