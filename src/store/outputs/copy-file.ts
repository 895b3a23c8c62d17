import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import type { ArchiveEntry } from '../../model/page.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { readEntry } from '../../pages/sources/read-entry.ts';

const CHUNK_BYTES = 1024 * 1024;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** A file that was to be copied can't be read: the trouble of that file alone, whatever the disk of its copy is like. */
export class UnreadableSource extends Error {
  override readonly name = 'UnreadableSource';
  /** Of the system's error. */
  readonly code: string | undefined;

  constructor(error: unknown) {
    super(errorMessage(error));
    this.code = errorCode(error);
  }
}

/**
 * Copies a regular file, or the one that a link leads to, into a new file with its permissions.
 * @throws UnreadableSource where the source is at fault, else what the target's file system throws
 */
export async function copyToNew(from: string, to: string): Promise<void> {
  const source = await reading(() => openRegular(from, { followLinks: true }));
  try {
    const stats = await reading(() => source.stat());
    const target = await openRegular(to, { flags: NEW, mode: stats.mode & 0o777 });
    try {
      await copyContent(source, target, stats.size);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Unpacks an entry of an archive into a new file. Throws as `copyToNew`. */
export async function unpackToNew(entry: ArchiveEntry, to: string): Promise<void> {
  const { bytes } = await reading(async () => readEntry(entry));
  const target = await openRegular(to, { flags: NEW });
  try {
    await target.writeFile(bytes);
  } finally {
    await target.close();
  }
}

async function copyContent(source: FileHandle, target: FileHandle, bytes: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes + 1));
  for (;;) {
    const { bytesRead } = await reading(() => source.read(chunk, 0, chunk.length, null));
    if (bytesRead === 0) return;
    await target.writeFile(chunk.subarray(0, bytesRead));
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UnreadableSource(error);
  }
}
