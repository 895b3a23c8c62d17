import { lstatSync, type Stats, statSync } from 'node:fs';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { isOwnLimit, patientlySync } from '../model/file-errors.ts';
import type { ArchiveEntry } from '../model/page.ts';
import { readStructureIn, readStructureSync } from './byte-reads.ts';
import { readImageEnd } from './image-end.ts';
import { hasImageSuffix } from './image-format.ts';
import { NotRegular, withRegularSync } from './open-regular.ts';
import { asLink, troubleWithLink, verdictOf } from './own-file.ts';
import { readEntry } from './sources/read-entry.ts';
import type { Verdict } from './verdict.ts';

/** A look at what should be an output. */
export interface OutputLook {
  /** `missing`: the code of the error with which it could not be opened or read. */
  readonly verdict: Verdict | { readonly missing: string };
  /** When content or inode changed last, by its disk's clock, a link's own where it is one; missing where nothing was opened. */
  readonly ctimeMs?: number;
}

const NOT_A_FILE: OutputLook = { verdict: { whole: false, why: 'it is not a file' } };

/** An image to look at: the path of an output, or an entry of an archive. */
export type VerifyJob = string | ArchiveEntry;

/** Reads the structure of an output, with blocking calls: for worker threads. Throws only for limits of the launcher itself. */
export function verifyOutput(path: string): OutputLook {
  try {
    return patientlySync(() => withRegularSync(path, {}, lookInto(path)));
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    if (error instanceof NotRegular) return NOT_A_FILE;
    const code = errorCode(error) ?? String(error);
    return code === 'ELOOP' ? verifyLinked(path) : { verdict: { missing: code } };
  }
}

/**
 * The same of an entry of an archive, by what it unpacks to; `missing` where it can't be unpacked, or is not what the
 * archive's directory says.
 */
export function verifyEntry(entry: ArchiveEntry): OutputLook {
  try {
    const { bytes } = patientlySync(() => readEntry(entry));
    const reader = readImageEnd(bytes.length, { isImage: hasImageSuffix(entry.name) });
    return { verdict: { ...readStructureIn(bytes, reader), bytes: bytes.length } };
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    return { verdict: { missing: errorCode(error) ?? errorMessage(error) } };
  }
}

function verifyLinked(path: string): OutputLook {
  try {
    const why = troubleWithLink(statSync(path, { throwIfNoEntry: false }));
    if (why !== undefined) return { verdict: { whole: false, why } };
    const { verdict } = patientlySync(() => withRegularSync(path, { followLinks: true }, lookInto(path)));
    return { verdict: asLink(verdict), ctimeMs: lstatSync(path).ctimeMs };
  } catch (error) {
    if (isOwnLimit(error)) throw error;
    if (error instanceof NotRegular) return NOT_A_FILE;
    const code = errorCode(error) ?? String(error);
    const why = troubleWithLink(undefined) ?? '';
    return { verdict: code === 'ELOOP' ? { whole: false, why } : { missing: code } };
  }
}

const lookInto =
  (path: string) =>
  (fd: number, stats: Stats): { readonly verdict: Verdict; readonly ctimeMs: number } => {
    const fileBytes = stats.size;
    const reader = readImageEnd(fileBytes, { isImage: hasImageSuffix(path) });
    return {
      verdict: verdictOf(readStructureSync({ fd, fileBytes }, reader), stats),
      ctimeMs: stats.ctimeMs,
    };
  };
