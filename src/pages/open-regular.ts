import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode } from '../model/error-code.ts';
import { patiently } from '../model/file-errors.ts';

/*
 * Files that somebody else may have put there are opened here and nowhere else (test/pages/one-file-layer.test.ts): never a
 * FIFO, device or folder, never waiting, and again where an error passes.
 */

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
  /** Of a file that is made. */
  readonly mode?: number;
  /** True where the user may have put a link there: it is followed. Files of our own are never links. */
  readonly followLinks?: boolean;
}

/**
 * Opens a regular file, without ever waiting: a FIFO that nobody writes to would hold its reader up for ever.
 * @throws NotRegular where something else is there; what the file system throws otherwise
 */
export async function openRegular(path: string, how: OpenRegular = {}): Promise<FileHandle> {
  const wanted = flagsOf(how);
  const file = await patiently(() => open(path, wanted | constants.O_NONBLOCK, how.mode))
    // A lease on a regular file (Samba has them): it is given up when the opener waits.
    .catch((error: unknown) => (isLeased(error) ? open(path, wanted, how.mode) : Promise.reject(error)))
    .catch((error: unknown) => Promise.reject(notRegularBy(error) ?? error));
  try {
    assertRegular(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** As `openRegular`, blocking and to read; closed once `act` is done. For worker threads. */
export function withRegularSync<T>(
  path: string,
  how: Pick<OpenRegular, 'followLinks'>,
  act: (fd: number, stats: Stats) => T,
): T {
  return withFileSync(path, how, (fd) => {
    const stats = fstatSync(fd);
    assertRegular(stats);
    return act(fd, stats);
  });
}

/** As `withRegularSync`, of a path that was just seen to be a regular file. Throws what the file system throws. */
export function withFileSync<T>(
  path: string,
  how: Pick<OpenRegular, 'followLinks'>,
  act: (fd: number) => T,
): T {
  const fd = openBlocking(path, flagsOf(how));
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes a file for this user alone, to write; closed once `act` is done. For worker threads. Throws what the file system throws. */
export function withNewFileSync<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
}

function openBlocking(path: string, wanted: number): number {
  try {
    return openSync(path, wanted | constants.O_NONBLOCK);
  } catch (error) {
    if (isLeased(error)) return openSync(path, wanted);
    throw error;
  }
}

const flagsOf = ({ flags = constants.O_RDONLY, followLinks = false }: OpenRegular): number =>
  flags | (followLinks ? 0 : constants.O_NOFOLLOW);

const isLeased = (error: unknown): boolean => errorCode(error) === 'EAGAIN';

/** What `open` says of things that can't be opened so. */
const WHAT_AN_ERROR_TELLS: Readonly<Record<string, string>> = {
  // Of a link that is not to be followed, or that leads in a circle.
  ELOOP: 'a link',
  EISDIR: 'a folder',
  // A socket, or a FIFO that nobody reads.
  ENXIO: 'a FIFO or a socket',
};

function notRegularBy(error: unknown): NotRegular | undefined {
  const what = WHAT_AN_ERROR_TELLS[errorCode(error) ?? ''];
  return what === undefined ? undefined : new NotRegular(what);
}

function assertRegular(stats: Stats): void {
  if (stats.isFile()) return;
  throw new NotRegular(stats.isFIFO() ? 'a FIFO' : stats.isDirectory() ? 'a folder' : 'a device');
}

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
