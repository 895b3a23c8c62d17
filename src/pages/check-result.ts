import { lstatSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { isOwnLimit, patientlySync } from '../model/file-errors.ts';
import type { ArchiveEntry, PageSource, SourceStamp } from '../model/page.ts';
import { withRegularSync } from './open-regular.ts';
import { stillAlive } from './sign-of-life.ts';
import { hasStampOf } from './source-sighting.ts';
import { asWholeAsSource } from './verdict.ts';
import { type OutputLook, verifyOutput } from './verify.ts';

/** A page that a worker is done with. */
export interface CheckJob {
  /** Absolute path of the source. */
  readonly source: string;
  /** Where the source is an entry of an archive. */
  readonly entry?: ArchiveEntry;
  /** Absolute path of the output, where there has to be one. */
  readonly output?: string;
  /** The source with its content, as it was read before: it is not read again where the file has its size and times still. */
  readonly known?: CheckedSource | undefined;
}

/** A look at a page's source alone. */
export const checkOf = ({ path, entry }: PageSource): CheckJob => ({ source: path, ...(entry && { entry }) });

/** A source with its content, after a worker had the page. */
export interface CheckedSource extends SourceStamp {
  /** When content or inode changed last: a time that no program can set. */
  readonly ctimeMs: number;
  readonly crc32: number;
}

/** What a page is after a worker had it. */
export interface ResultCheck {
  /** Null where the source can't be read any more. */
  readonly source: CheckedSource | null;
  readonly output?: OutputLook['verdict'];
  /** The output's content is the source's; missing where no output was asked for. */
  readonly equalsSource?: boolean;
}

const CHUNK_BYTES = 256 * 1024;
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/** Looks at source and output of one page with blocking calls, for worker threads: there it costs a third. Throws only for limits of the launcher itself. */
export function checkResult({ source, entry, output, known }: CheckJob): ResultCheck {
  const now = entry ? entryNow(entry) : (unchangedSince(source, known) ?? sourceNow(source));
  if (output === undefined) return { source: now };
  const verdict = verdictOn(output);
  const hasItsSize = 'bytes' in verdict && verdict.bytes === now?.bytes;
  // Read only where it can be the source again.
  const equalsSource = hasItsSize && sourceNow(output)?.crc32 === now?.crc32;
  return { source: now, output: equalsSource ? asWholeAsSource(verdict) : verdict, equalsSource };
}

/** Its content was checked when it was unpacked, and no worker has the archive. */
const entryNow = ({ bytes, mtimeMs, crc32: crc }: ArchiveEntry): CheckedSource => ({
  bytes,
  mtimeMs,
  ctimeMs: mtimeMs,
  crc32: crc,
});

function unchangedSince(path: string, known: CheckedSource | undefined): CheckedSource | undefined {
  if (known === undefined) return undefined;
  try {
    const now = statSync(path);
    return now.isFile() && hasStampOf(now, known) ? known : undefined;
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    // Whatever it is, a look at the whole file meets it, too.
    return undefined;
  }
}

function sourceNow(path: string): ResultCheck['source'] {
  const read = (): ResultCheck['source'] =>
    withRegularSync(path, { followLinks: true }, (fd, { size: bytes, mtimeMs, ctimeMs }) => {
      let crc = 0;
      for (let at = 0; ; ) {
        const read = readSync(fd, chunk, 0, CHUNK_BYTES, at);
        if (read === 0) break;
        crc = crc32(chunk.subarray(0, read), crc);
        at += read;
        stillAlive();
        // A second read at the end would only say that there is no more.
        if (at >= bytes) break;
      }
      return { bytes, mtimeMs, ctimeMs, crc32: crc };
    });
  try {
    return patientlySync(read);
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    return null;
  }
}

function verdictOn(path: string): OutputLook['verdict'] {
  // What is in a linked folder is somebody else's: an original perhaps, and not to be moved.
  if (isLink(dirname(path))) return { whole: false, why: 'its folder is a link' };
  return verifyOutput(path).verdict;
}

/** False where nobody can tell: then the look at what is in the folder says why. */
function isLink(folder: string): boolean {
  try {
    return lstatSync(folder).isSymbolicLink();
  } catch {
    return false;
  }
}
