import { close, fstat, read, type Stats, stat } from 'node:fs';
import { patiently } from '../model/file-errors.ts';
import { FIRST_READ_BYTES, inHand, NO_BYTES } from './byte-reads.ts';
import { readImageEnd } from './image-end.ts';
import { hasImageSuffix } from './image-format.ts';
import { openToLook } from './open-regular.ts';
import { asLink, troubleWithLink, verdictOf } from './own-file.ts';
import type { Verdict } from './verdict.ts';

export type { Verdict } from './verdict.ts';

/**
 * Looks at the structure of an output. Rejects where it can't be opened or read (`ENOENT` and the like).
 * Through callbacks: promises cost twice as much, and this is done for each page.
 */
export const verifyImage = (path: string): Promise<Verdict> => patiently(() => verifyOnce(path));

const verifyOnce = (path: string): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    openToLook(path, {}, (error, fd) => {
      if (error?.code === 'ELOOP') verifyLinked(path, resolve, reject);
      else if (error) reject(error);
      else verifyOpened({ fd, path }, resolve, reject);
    });
  });

function verifyLinked(
  path: string,
  resolve: (verdict: Verdict) => void,
  reject: (error: Error) => void,
): void {
  stat(path, (_error, found) => {
    const why = troubleWithLink(found);
    if (why !== undefined) return resolve({ whole: false, why });
    openToLook(path, { followLinks: true }, (error, fd) => {
      if (error) return reject(error);
      verifyOpened({ fd, path }, (verdict) => resolve(asLink(verdict)), reject);
    });
  });
}

/** An output that was opened. */
interface Opened {
  readonly fd: number;
  readonly path: string;
}

/** Called once: with a failure, or with the verdict. */
type Finish = (failure: Error | null, verdict?: Verdict) => void;

function verifyOpened(
  { fd, path }: Opened,
  resolve: (verdict: Verdict) => void,
  reject: (error: Error) => void,
): void {
  const finish: Finish = (failure, verdict) =>
    close(fd, () => (verdict === undefined ? reject(failure ?? new Error('no verdict')) : resolve(verdict)));
  fstat(fd, (failure, stats) => {
    if (failure) finish(failure);
    else if (!stats.isFile()) finish(null, { whole: false, why: 'it is not a file' });
    else readToVerdict({ fd, path }, stats, finish);
  });
}

/** As `readStructureSync`, without blocking. */
function readToVerdict({ fd, path }: Opened, stats: Stats, finish: Finish): void {
  const fileBytes = stats.size;
  const reader = readImageEnd(fileBytes, { isImage: hasImageSuffix(path) });
  const first = Math.min(fileBytes, FIRST_READ_BYTES);
  let buffer = NO_BYTES;
  let known = NO_BYTES;
  const readInto = (offset: number, length: number, then: (bytes: Buffer) => void): void => {
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
    read(fd, buffer, 0, length, offset, (failure, count) => {
      if (failure) finish(failure);
      else then(buffer.subarray(0, count));
    });
  };
  const answer = (bytes?: Buffer): void => {
    try {
      let step = bytes === undefined ? reader.next() : reader.next(bytes);
      while (!step.done) {
        const seen = inHand(known, step.value, fileBytes);
        if (seen === undefined) {
          known = NO_BYTES;
          readInto(step.value.offset, step.value.length, answer);
          return;
        }
        step = reader.next(seen);
      }
      finish(null, verdictOf(step.value, stats));
    } catch (bug) {
      finish(bug instanceof Error ? bug : new Error(String(bug)));
    }
  };
  readInto(0, first, (bytes) => {
    known = bytes;
    answer();
  });
}
