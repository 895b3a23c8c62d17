import { readSync } from 'node:fs';

/** A stretch of a file that a structure's reader wants to see. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/**
 * A reader of a file's structure: asks for stretches and gets their bytes, fewer where the file ends before. It is the same
 * on a thread, where reads block, and beside it, where they must not.
 */
export type StructureReader<T> = Generator<Stretch, T, Buffer>;

/** Runs a reader with blocking reads. For worker threads. */
export function readStructureSync<T>(fd: number, reader: StructureReader<T>): T {
  let step = reader.next();
  while (!step.done) {
    const { offset, length } = step.value;
    const bytes = Buffer.allocUnsafe(length);
    step = reader.next(bytes.subarray(0, readSync(fd, bytes, 0, length, offset)));
  }
  return step.value;
}
