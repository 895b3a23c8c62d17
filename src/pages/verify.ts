import { close, constants, fstat, open, read } from 'node:fs';
import type { Stretch } from './byte-reads.ts';
import { readImageEnd } from './image-end.ts';
import type { ImageFormat } from './image-format.ts';

/**
 * Whether a file is a whole output. `endChecked` is false where the format has no end to check (or is unknown): such a file
 * is taken for whole as long as it is not empty.
 */
export type Verdict =
  | {
      readonly whole: true;
      readonly format?: ImageFormat;
      readonly endChecked: boolean;
      readonly bytes: number;
    }
  | { readonly whole: false; readonly why: string };

// A pipe that stands in for an output must not hold the run up.
const HOW_TO_OPEN = constants.O_RDONLY | constants.O_NONBLOCK;
/** A file of this size is read at once: a second read costs more than its bytes. */
const READ_AT_ONCE_BYTES = 16_384;

/**
 * Looks at head, tail and structure of an output. Rejects where it can't be opened or read (`ENOENT` and the like).
 * Through callbacks: promises cost twice as much, and this is done for each page.
 */
export const verifyImage = (path: string | Buffer): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    open(path, HOW_TO_OPEN, (error, fd) => {
      if (error) {
        reject(error);
        return;
      }
      const finish = (failure: Error | null, verdict?: Verdict): void =>
        close(fd, () => (verdict === undefined ? reject(failure) : resolve(verdict)));
      fstat(fd, (failure, stats) => {
        if (failure) finish(failure);
        else if (!stats.isFile()) finish(null, { whole: false, why: 'it is not a file' });
        else readToVerdict(fd, stats.size, finish);
      });
    });
  });

function readToVerdict(
  fd: number,
  size: number,
  finish: (failure: Error | null, verdict?: Verdict) => void,
): void {
  const reader = readImageEnd(size);
  const answer = (bytes?: Buffer): void => {
    try {
      const step = bytes === undefined ? reader.next() : reader.next(bytes);
      if (step.done) finish(null, step.value.whole ? { ...step.value, bytes: size } : step.value);
      else fetch(step.value);
    } catch (bug) {
      finish(bug instanceof Error ? bug : new Error(String(bug)));
    }
  };
  let all: Buffer | undefined;
  const fetch = (wanted: Stretch): void => {
    if (all !== undefined) answer(stretchOf(all, wanted));
    else if (size > READ_AT_ONCE_BYTES) readStretch(fd, wanted, finish, answer);
    else {
      readStretch(fd, { offset: 0, length: size }, finish, (bytes) => {
        all = bytes;
        answer(stretchOf(bytes, wanted));
      });
    }
  };
  answer();
}

const stretchOf = (bytes: Buffer, { offset, length }: Stretch): Buffer =>
  bytes.subarray(offset, offset + length);

function readStretch(
  fd: number,
  { offset, length }: Stretch,
  fail: (failure: Error) => void,
  answer: (bytes: Buffer) => void,
): void {
  const buffer = Buffer.allocUnsafe(length);
  read(fd, buffer, 0, length, offset, (failure, count) =>
    failure ? fail(failure) : answer(buffer.subarray(0, count)),
  );
}
