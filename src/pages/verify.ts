import { close, fstat, read, type Stats, stat } from 'node:fs';
import { patiently } from '../model/file-errors.ts';
import type { Stretch } from './byte-reads.ts';
import { readImageEnd } from './image-end.ts';
import { openToLook } from './open-regular.ts';
import { asLink, troubleWithLink, verdictOf } from './own-file.ts';
import type { Verdict } from './verdict.ts';

export type { Verdict } from './verdict.ts';

/** A file of this size is read at once: a second read costs more than its bytes. */
const READ_AT_ONCE_BYTES = 16_384;

/**
 * Looks at head, tail and structure of an output. Rejects where it can't be opened or read (`ENOENT` and the like).
 * Through callbacks: promises cost twice as much, and this is done for each page.
 */
export const verifyImage = (path: string | Buffer): Promise<Verdict> => patiently(() => verifyOnce(path));

const verifyOnce = (path: string | Buffer): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    openToLook(path, {}, (error, fd) => {
      if (error?.code === 'ELOOP') verifyLinked(path, resolve, reject);
      else if (error) reject(error);
      else verifyOpened(fd, resolve, reject);
    });
  });

function verifyLinked(
  path: string | Buffer,
  resolve: (verdict: Verdict) => void,
  reject: (error: Error) => void,
): void {
  stat(path, (_error, found) => {
    const why = troubleWithLink(found);
    if (why !== undefined) return resolve({ whole: false, why });
    openToLook(path, { followLinks: true }, (error, fd) => {
      if (error) return reject(error);
      verifyOpened(fd, (verdict) => resolve(asLink(verdict)), reject);
    });
  });
}

function verifyOpened(fd: number, resolve: (verdict: Verdict) => void, reject: (error: Error) => void): void {
  const finish = (failure: Error | null, verdict?: Verdict): void =>
    close(fd, () => (verdict === undefined ? reject(failure ?? new Error('no verdict')) : resolve(verdict)));
  fstat(fd, (failure, stats) => {
    if (failure) finish(failure);
    else if (!stats.isFile()) finish(null, { whole: false, why: 'it is not a file' });
    else readToVerdict(fd, stats, finish);
  });
}

function readToVerdict(
  fd: number,
  stats: Stats,
  finish: (failure: Error | null, verdict?: Verdict) => void,
): void {
  const { size } = stats;
  const reader = readImageEnd(size);
  const answer = (bytes?: Buffer): void => {
    try {
      const step = bytes === undefined ? reader.next() : reader.next(bytes);
      if (step.done) finish(null, verdictOf(step.value, stats));
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
