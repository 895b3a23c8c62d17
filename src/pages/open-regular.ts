import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from '../model/error-code.ts';

/** A FIFO, device, socket, folder or link stands where a regular file belongs. */
export class NotRegular extends Error {
  override readonly name = 'NotRegular';
  readonly code = 'ENOTREG';

  /** @param what is there: `a FIFO`. The message names no file, as the callers do. */
  constructor(what: string) {
    super(`it is ${what}, not a regular file`);
  }
}

/** How a regular file is opened. */
interface OpenRegular {
  /** `constants.O_…`, or'ed; to read where missing. */
  readonly flags?: number;
  /** True where the user may have put a link there: it is followed. Files of our own are never links. */
  readonly followLinks?: boolean;
}

/**
 * Opens a regular file, without ever waiting: a FIFO that nobody writes to would hold its reader up for ever.
 * @throws NotRegular where something else is there; what the file system throws otherwise
 */
export async function openRegular(
  path: string,
  { flags = constants.O_RDONLY, followLinks = false }: OpenRegular = {},
): Promise<FileHandle> {
  const wanted = flags | (followLinks ? 0 : constants.O_NOFOLLOW);
  const file = await open(path, wanted | constants.O_NONBLOCK).catch((error: unknown) => {
    const code = errorCode(error) ?? '';
    // A lease on a regular file (Samba has them): it is given up when the opener waits.
    if (code === 'EAGAIN') return open(path, wanted);
    const what = WHAT_AN_ERROR_TELLS[code];
    throw what === undefined ? error : new NotRegular(what);
  });
  try {
    const stats = await file.stat();
    if (stats.isFile()) return file;
    throw new NotRegular(stats.isFIFO() ? 'a FIFO' : stats.isDirectory() ? 'a folder' : 'a device');
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What `open` says of things that can't be opened so. */
const WHAT_AN_ERROR_TELLS: Readonly<Record<string, string>> = {
  // Of a link that is not to be followed, or that leads in a circle.
  ELOOP: 'a link',
  EISDIR: 'a folder',
  // A socket, or a FIFO that nobody reads.
  ENXIO: 'a FIFO or a socket',
};

/**
 * The whole text of a regular file of at most `maxBytes`.
 * @throws as `openRegular`; RangeError where the file is larger
 */
export async function readRegular(
  path: string,
  { maxBytes, followLinks = false }: { readonly maxBytes: number; readonly followLinks?: boolean },
): Promise<string> {
  const file = await openRegular(path, { followLinks });
  try {
    return await readBounded(file, maxBytes);
  } finally {
    await file.close();
  }
}

/** The whole text of an open file, from its beginning. @throws RangeError where it is larger than `maxBytes` */
export async function readBounded(file: FileHandle, maxBytes: number): Promise<string> {
  const { size } = await file.stat();
  // It may grow, and some file systems say 0 of files that have content.
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 4096), maxBytes) + 1);
  const parts: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
    if (bytesRead === 0) return Buffer.concat(parts).toString('utf8');
    bytes += bytesRead;
    if (bytes > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
    parts.push(Buffer.from(buffer.subarray(0, bytesRead)));
  }
}
