import { fstatSync, mkdirSync, readSync, rmSync, type Stats, writeSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { errorCode } from '../model/error-code.ts';
import { isOwnLimit } from '../model/file-errors.ts';
import { withNewFileSync } from './open-regular.ts';
import { stillAlive } from './sign-of-life.ts';

/** Where a copy of a page is wanted ahead of the workers. */
export interface StageTarget {
  /** The copy, in a folder of its own that is made; missing: the page is only read, to see how long that takes. */
  readonly path?: string;
  /** A larger page is not read. */
  readonly mostBytes: number;
}

/** What came of staging a page. Nothing is left at the target unless it is `copied`. */
export type Staged =
  | { readonly by: 'copied'; readonly crc32: number; readonly seconds: number }
  | { readonly by: 'read'; readonly seconds: number }
  | { readonly by: 'too-large'; readonly bytes: number }
  /** It can't be read to its end, or was changed meanwhile: whoever needs the page looks at it anew. */
  | { readonly by: 'unsteady' }
  /** The folder takes no more: no other page would fare better. */
  | { readonly by: 'refused'; readonly code: string };

const CHUNK_BYTES = 256 * 1024;
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/** The folder of the copy failed, and not the page. */
class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
  readonly code: string;

  constructor(cause: unknown) {
    super('the folder of the copy takes no more', { cause });
    this.code = errorCode(cause) ?? String(cause);
  }
}

/**
 * Copies a page's open file, with blocking calls, and takes the CRC-32 of its content on the way. Throws only for limits of the
 * launcher itself.
 */
export function stageSource(fd: number, stats: Stats, { path: target, mostBytes }: StageTarget): Staged {
  if (stats.size > mostBytes) return { by: 'too-large', bytes: stats.size };
  const beganMs = performance.now();
  try {
    const crc =
      target === undefined
        ? readWhole(fd, stats, () => {})
        : intoNewFile(target, (write) => readWhole(fd, stats, write));
    if (crc !== undefined) {
      const seconds = (performance.now() - beganMs) / 1000;
      return target === undefined ? { by: 'read', seconds } : { by: 'copied', crc32: crc, seconds };
    }
  } catch (error) {
    if (target !== undefined) remove(target);
    if (error instanceof TargetRefused) return { by: 'refused', code: error.code };
    if (isOwnLimit(error)) throw error;
    return { by: 'unsteady' };
  }
  if (target !== undefined) remove(target);
  return { by: 'unsteady' };
}

/** Reads to the end that was seen; undefined where the file is another one by then. */
function readWhole(
  fd: number,
  { size, mtimeMs, ctimeMs }: Stats,
  write: (bytes: Buffer) => void,
): number | undefined {
  let crc = 0;
  for (let at = 0; at < size; ) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, size - at), at);
    if (read === 0) return undefined;
    const bytes = chunk.subarray(0, read);
    crc = crc32(bytes, crc);
    write(bytes);
    at += read;
    stillAlive();
  }
  const now = fstatSync(fd);
  const isSame = now.size === size && now.mtimeMs === mtimeMs && now.ctimeMs === ctimeMs;
  return isSame ? crc : undefined;
}

function intoNewFile<T>(target: string, act: (write: (bytes: Buffer) => void) => T): T {
  const refusing = <R>(call: () => R): R => {
    try {
      return call();
    } catch (error) {
      throw new TargetRefused(error);
    }
  };
  refusing(() => mkdirSync(path.dirname(target), { mode: 0o700 }));
  let isOpen = false;
  try {
    return withNewFileSync(target, (fd) => {
      isOpen = true;
      return act((bytes) => refusing(() => writeAll(fd, bytes)));
    });
  } catch (error) {
    throw isOpen ? error : new TargetRefused(error);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}

function remove(target: string): void {
  try {
    rmSync(path.dirname(target), { recursive: true, force: true });
  } catch {
    // It goes with the folder of all copies.
  }
}
