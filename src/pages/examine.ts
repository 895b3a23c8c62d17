import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readStructureSync } from './byte-reads.ts';
import { readImageEnd } from './image-end.ts';
import { isOwnLimit } from './inspect.ts';
import type { SourceStamp } from './page.ts';
import type { Verdict } from './verify.ts';

/** A page that a worker is done with. */
export interface ExamineJob {
  /** Absolute path of the source. */
  readonly source: string;
  /** Absolute path of the output, where there has to be one. */
  readonly output?: string;
}

/** What a page is after a worker had it. */
export interface Examination {
  /** Null where the source can't be read any more. */
  readonly source: (SourceStamp & { readonly crc32: number }) | null;
  /** `missing`: the code of the error with which the output could not be opened. */
  readonly output?: Verdict | { readonly missing: string };
}

const HOW_TO_OPEN = constants.O_RDONLY | constants.O_NONBLOCK;
const CHUNK_BYTES = 256 * 1024;
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/** Looks at source and output of one page with blocking calls, for worker threads: there it costs a third. Throws only for limits of the launcher itself. */
export function examinePage({ source, output }: ExamineJob): Examination {
  return { source: sourceNow(source), ...(output !== undefined && { output: verdictOn(output) }) };
}

function sourceNow(path: string): Examination['source'] {
  try {
    return opened(path, (fd) => {
      const { size: bytes, mtimeMs } = fstatSync(fd);
      let crc = 0;
      for (let at = 0; ; ) {
        const read = readSync(fd, chunk, 0, CHUNK_BYTES, at);
        if (read === 0) break;
        crc = crc32(chunk.subarray(0, read), crc);
        at += read;
        // A second read at the end would only say that there is no more.
        if (at >= bytes) break;
      }
      return { bytes, mtimeMs, crc32: crc };
    });
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    return null;
  }
}

function verdictOn(path: string): Verdict | { missing: string } {
  try {
    return opened(path, (fd) => {
      const stats = fstatSync(fd);
      if (!stats.isFile()) return { whole: false, why: 'it is not a file' };
      const verdict = readStructureSync(fd, readImageEnd(stats.size));
      return verdict.whole ? { ...verdict, bytes: stats.size } : verdict;
    });
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    return { missing: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

function opened<T>(path: string, act: (fd: number) => T): T {
  const fd = openSync(path, HOW_TO_OPEN);
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
}
