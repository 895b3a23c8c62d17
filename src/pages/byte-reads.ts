import { readSync } from 'node:fs';

/** A stretch of a file that a structure's reader wants to see: at most `STRETCH_BYTES` of it. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/**
 * A reader of a file's structure: asks for stretches and gets their bytes, fewer where the file ends before. They are its
 * own until it asks for the next ones: one buffer serves a whole file. It is the same on a thread, where reads block, and
 * in the launcher, where they must not.
 */
export type StructureReader<T> = Generator<Stretch, T, Buffer>;

/** The longest stretch that a reader may ask for. */
export const STRETCH_BYTES = 256 * 1024;

/** A smaller file is read at once: a second read costs more than its bytes. */
export const FIRST_READ_BYTES = 64 * 1024;

export const NO_BYTES: Buffer = Buffer.alloc(0);

/** An open file whose structure is to be read. */
export interface OpenedFile {
  readonly fd: number;
  readonly fileBytes: number;
  /** Its first bytes, where they were read before; in a buffer of their own. */
  readonly head?: Buffer;
}

const buffer = Buffer.allocUnsafeSlow(STRETCH_BYTES);

/** Runs a reader with blocking reads. For worker threads. Throws what the file system throws. */
export function readStructureSync<T>({ fd, fileBytes, head }: OpenedFile, reader: StructureReader<T>): T {
  let known = head ?? buffer.subarray(0, readSync(fd, buffer, 0, FIRST_READ_BYTES, 0));
  let step = reader.next();
  while (!step.done) {
    const { offset, length } = step.value;
    let bytes = inHand(known, step.value, fileBytes);
    if (bytes === undefined) {
      // What was known is written over.
      if (head === undefined) known = NO_BYTES;
      bytes = buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
    }
    step = reader.next(bytes);
  }
  return step.value;
}

/** Runs a reader over a file whose first bytes these are, of `fileBytes` in all: beyond them there is nothing. */
export function readStructureIn<T>(bytes: Buffer, reader: StructureReader<T>, fileBytes = bytes.length): T {
  let step = reader.next();
  while (!step.done) step = reader.next(inHand(bytes, step.value, fileBytes) ?? NO_BYTES);
  return step.value;
}

/** The bytes of a stretch where the first bytes of its file are enough to tell them; undefined where it has to be read. */
export function inHand(known: Buffer, { offset, length }: Stretch, fileBytes: number): Buffer | undefined {
  if (offset >= fileBytes) return NO_BYTES;
  const end = Math.min(offset + length, fileBytes);
  return end <= known.length ? known.subarray(offset, end) : undefined;
}
