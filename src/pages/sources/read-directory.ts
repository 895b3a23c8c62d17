import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { isOwnLimit, readingTrouble } from '../../model/file-errors.ts';
import { NotRegular, openRegular } from '../open-regular.ts';
import {
  type ArchiveDirectory,
  type DirectoryEntry,
  LARGEST_ENTRY_BYTES,
  LARGEST_RATIO,
  type LeftOutEntry,
  MOST_ENTRIES,
  type NoDirectory,
} from './archive-directory.ts';
import { decodeName, whyUnsafe } from './entry-name.ts';

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 0x1;
const UNICODE_PATH_FIELD = 0x7075;
/** More than one record can have: three times 64 KB. */
const WINDOW_BYTES = 256 * 1024;

/**
 * Reads the directory of a zip archive, and nothing of its content. Where that can't be read, the answer is why, in words.
 * Throws what says nothing of the archive: the launcher can open no more files.
 */
export async function readDirectory(path: string): Promise<ArchiveDirectory | NoDirectory> {
  try {
    const file = await openRegular(path, { followLinks: true });
    try {
      const { size, mtimeMs } = await file.stat();
      return { bytes: size, mtimeMs, ...(await directoryOf(file, size)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof NotZip || error instanceof NotRegular) return { trouble: error.message };
    if (isOwnLimit(error) || errorCode(error) === undefined) throw error;
    return { trouble: readingTrouble(error) ?? `can't be read: ${errorMessage(error)}` };
  }
}

/** So many take half a millisecond. */
const ANSWERS_A_TURN = 64;

/** The archive is none, or is broken so that nothing can be told of what is in it. */
class NotZip extends Error {
  override readonly name = 'NotZip';
}

async function directoryOf(
  file: FileHandle,
  bytes: number,
): Promise<Omit<ArchiveDirectory, 'bytes' | 'mtimeMs'>> {
  if (bytes === 0) throw new NotZip('the file is empty');
  const zip = await yauzl
    .fromRandomAccessReaderPromise(new WindowReader(file), bytes, {
      decodeStrings: false,
      validateEntrySizes: false,
      autoClose: false,
    })
    .catch((error: unknown) => {
      throw brokenZip(error);
    });
  if (zip.entryCount > MOST_ENTRIES) {
    throw new NotZip(`the archive has ${zip.entryCount} entries, and at most ${MOST_ENTRIES} are read`);
  }
  const entries: DirectoryEntry[] = [];
  const leftOut: LeftOutEntry[] = [];
  const names = new Set<string>();
  let [directoryCrc, compressedBytes] = [0, 0];
  try {
    for await (const entry of zip.eachEntry()) {
      directoryCrc = crcWith(directoryCrc, entry);
      compressedBytes += entry.compressedSize;
      const name = nameOf(entry);
      const unsafe = whyUnsafe(name);
      if (unsafe !== undefined) leftOut.push({ name, why: unsafe });
      else if (names.has(name)) leftOut.push({ name, why: 'another entry before it has the same name' });
      else entries.push(entryOf(entry, name));
      names.add(name);
    }
  } catch (error) {
    throw brokenZip(error);
  }
  // Entries that share bytes: a bomb that no ratio tells.
  if (compressedBytes > bytes) throw new NotZip('its entries overlap, as in a zip bomb');
  const folders = foldersOf(entries);
  const [both, apart] = [
    entries.filter(({ name }) => folders.has(name)),
    entries.filter(({ name }) => !folders.has(name)),
  ];
  leftOut.push(...both.map(({ name }) => ({ name, why: 'a folder in the archive has the same name' })));
  return { entries: apart, leftOut, directoryCrc, comment: Buffer.from(zip.comment) };
}

/** The folders that entries are in, or are: no file can have such a name beside them. */
function foldersOf(entries: readonly DirectoryEntry[]): Set<string> {
  const folders = new Set<string>();
  for (const { name } of entries) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

function brokenZip(error: unknown): unknown {
  if (error instanceof NotZip || errorCode(error) !== undefined) return error;
  const words = errorMessage(error);
  const why = /truncated|signature not found|unexpected EOF|signature/.test(words)
    ? 'it is cut off, or no zip archive'
    : words;
  return new NotZip(`the archive can't be read: ${why}`);
}

function nameOf({ fileNameRaw, extraFields }: yauzl.Entry): string {
  const field = extraFields.find(({ id }) => id === UNICODE_PATH_FIELD)?.data;
  // Version, CRC-32 of the name that it belongs to, the name.
  const isOfName = field && field.length > 5 && field.readUInt32LE(1) === crc32(fileNameRaw);
  return decodeName({
    raw: fileNameRaw,
    unicode: isOfName ? field.subarray(5) : undefined,
  });
}

function entryOf(entry: yauzl.Entry, name: string): DirectoryEntry {
  const trouble = troubleWith(entry);
  return {
    name,
    offset: entry.relativeOffsetOfLocalHeader,
    isDeflated: entry.compressionMethod === DEFLATED,
    compressedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    mtimeMs: timeOf(entry),
    crc32: entry.crc32,
    ...(trouble !== undefined && { trouble }),
  };
}

function troubleWith(entry: yauzl.Entry): string | undefined {
  const { compressionMethod, compressedSize, uncompressedSize, generalPurposeBitFlag } = entry;
  if ((generalPurposeBitFlag & ENCRYPTED_FLAG) !== 0)
    return 'it is encrypted: unpack the archive with its password';
  if (uncompressedSize > LARGEST_ENTRY_BYTES) return 'it is larger than 1 GB unpacked';
  if (uncompressedSize > compressedSize * LARGEST_RATIO) {
    return `it is compressed more than ${LARGEST_RATIO}:1, as in a zip bomb`;
  }
  if (compressionMethod === STORED && compressedSize !== uncompressedSize)
    return 'its sizes contradict each other';
  if (compressionMethod === STORED || compressionMethod === DEFLATED) return undefined;
  return `it is compressed by a method that is not read (${compressionMethod}): unpack the archive`;
}

/** What is no time counts as the oldest that the format has. */
function timeOf(entry: yauzl.Entry): number {
  const timeMs = entry.getLastModDate().getTime();
  return Number.isFinite(timeMs) ? timeMs : Date.UTC(1980, 0, 1);
}

const record = Buffer.alloc(22);

function crcWith(crc: number, entry: yauzl.Entry): number {
  record.writeUInt32LE(entry.crc32, 0);
  record.writeDoubleLE(entry.uncompressedSize, 4);
  record.writeDoubleLE(entry.relativeOffsetOfLocalHeader, 12);
  record.writeUInt16LE(entry.generalPurposeBitFlag, 20);
  return crc32(entry.fileNameRaw, crc32(record, crc));
}

/** Reads ahead: yauzl asks twice for each record, and one read brings those of a thousand entries. */
class WindowReader extends yauzl.RandomAccessReader {
  readonly #file: FileHandle;
  readonly #window = Buffer.allocUnsafe(WINDOW_BYTES);
  #at = 0;
  #length = 0;
  #answered = 0;

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const answer = (): void => {
      const from = position - this.#at;
      const bytes = this.#window.copy(buffer, offset, from, Math.min(from + length, this.#length));
      callback(bytes < length ? new Error('unexpected EOF') : null);
    };
    if (position >= this.#at && position + length <= this.#at + this.#length) {
      // Not within the call: yauzl would come deeper and deeper. From time to time others have a turn.
      this.#answered += 1;
      if (this.#answered % ANSWERS_A_TURN === 0) setImmediate(answer);
      else queueMicrotask(answer);
      return;
    }
    this.#file.read(this.#window, 0, WINDOW_BYTES, position).then(({ bytesRead }) => {
      this.#at = position;
      this.#length = bytesRead;
      answer();
    }, callback);
  }
}
