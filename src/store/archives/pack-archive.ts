import { constants, fsyncSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import type { ArchiveEntry, ArchiveFile } from '../../model/page.ts';
import { suffixOf } from '../../pages/image-format.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { stemOf } from '../../pages/output-name.ts';
import type { ArchiveDirectory, DirectoryEntry } from '../../pages/sources/archive-directory.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import { isPage } from '../../pages/sources/pages-of-archive.ts';
import { BrokenEntry, readEntry } from '../../pages/sources/read-entry.ts';

/** What becomes of a page in the packed archive: the file that was made of it, or an entry of an older one, its original, or nothing. */
export type PackedPage =
  | { readonly file: string }
  | { readonly entry: ArchiveEntry }
  | 'original'
  | 'left-out';

/** An archive to pack. Plain data: a thread is given it. */
export interface PackJob {
  readonly archive: ArchiveFile;
  /** Absolute path of the file to write; what stands there is written over. */
  readonly to: string;
  /** By the entry's name. A page that is not here is taken as it is, as is all that is no page. */
  readonly pages: ReadonlyMap<string, PackedPage>;
}

/** What was packed. */
export interface Packed {
  readonly bytes: number;
  /** Pages of the source archive, those that filters leave out among them. */
  readonly pages: number;
  readonly directoryCrc: number;
  /** Pages that were to be in it as they are, and can't be read. */
  readonly missing: readonly string[];
  /** Other entries that can't be read: name and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/** Why an archive was not packed. `code` and `path` are those of the file system's error, where there was one. */
export interface NotPacked {
  readonly trouble: string;
  readonly code?: string | undefined;
}

const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/**
 * Writes an archive like another one, with pages replaced: its entries under their own names, in their order, with their
 * times, not compressed. It is on the disk once it is answered. One entry at a time is in memory.
 */
export async function packArchive(job: PackJob): Promise<Packed | NotPacked> {
  try {
    const directory = await loadDirectory(job.archive.path);
    if ('trouble' in directory) return directory;
    const { bytes, mtimeMs } = job.archive;
    if (directory.bytes !== bytes || directory.mtimeMs !== mtimeMs) {
      return { trouble: 'the archive was changed while its pages were translated' };
    }
    return await write(job, directory);
  } catch (error) {
    return { trouble: errorMessage(error), code: errorCode(error) };
  }
}

/** What the types of yazl don't say: a comment may be bytes, whose encoding nobody knows. */
interface EndsWithBytes {
  end(options?: { readonly comment: string | Buffer; readonly forceZip64Format: boolean }): void;
}

async function write(job: PackJob, directory: ArchiveDirectory): Promise<Packed> {
  const file = await openRegular(job.to, { flags: ANEW });
  try {
    const sink = new FileSink(file.fd);
    const zip = new ZipFile();
    zip.outputStream.pipe(sink);
    const told = await addAll(zip, sink, { job, directory });
    const ending: EndsWithBytes = zip;
    ending.end({ comment: directory.comment, forceZip64Format: false });
    await finished(sink);
    fsyncSync(file.fd);
    const pages = directory.entries.filter(isPage).length;
    return { bytes: sink.bytes, pages, directoryCrc: directory.directoryCrc, ...told };
  } finally {
    await file.close();
  }
}

async function addAll(
  zip: ZipFile,
  sink: FileSink,
  { job, directory }: { readonly job: PackJob; readonly directory: ArchiveDirectory },
): Promise<Pick<Packed, 'missing' | 'leftOut'>> {
  const missing: string[] = [];
  const leftOut: { name: string; why: string }[] = [];
  const made = new Set([...job.pages].flatMap(([name, page]) => nameOf(name, page) ?? []));
  for (const entry of directory.entries) {
    const options = { mtime: new Date(entry.mtimeMs), mode: 0o100644, compress: false };
    const page = job.pages.get(entry.name) ?? 'original';
    if (entry.name.endsWith('/')) zip.addEmptyDirectory(entry.name, { mtime: options.mtime });
    else if (page === 'left-out') continue;
    else if (page !== 'original') {
      zip.addBuffer(
        'file' in page ? await readWhole(page.file) : readEntry(page.entry).bytes,
        nameOf(entry.name, page) ?? entry.name,
        options,
      );
    } else {
      const content = made.has(entry.name) ? 'an output has its name' : contentOf(entry, job.archive);
      if (typeof content !== 'string') zip.addBuffer(content, entry.name, options);
      else if (isPage(entry)) missing.push(entry.name);
      else leftOut.push({ name: entry.name, why: content });
    }
    await drained(zip, sink);
  }
  return { missing, leftOut };
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The name of a page that was made: its own, with the suffix of the file. */
function nameOf(name: string, page: PackedPage): string | undefined {
  if (typeof page === 'string') return undefined;
  const made = 'file' in page ? page.file : page.entry.name;
  return `${stemOf(name)}.${made.slice(-suffixOf(made).length)}`;
}

function contentOf(entry: DirectoryEntry, archive: ArchiveFile): Buffer | string {
  if (entry.trouble !== undefined) return entry.trouble;
  try {
    return readEntry({ ...entry, archive }).bytes;
  } catch (error) {
    if (error instanceof BrokenEntry) return error.message;
    throw error;
  }
}

/** Settles once what was added is written. @throws what writing throws */
async function drained(zip: ZipFile, sink: FileSink): Promise<void> {
  const stream = zip.outputStream as NodeJS.ReadableStream & { readonly readableLength: number };
  do {
    await nextTurn();
    if (sink.trouble) throw sink.trouble;
  } while (stream.readableLength > 0);
}

/** Writes to an open file with blocking calls: a thread has nothing else to do. */
class FileSink extends Writable {
  readonly #fd: number;
  bytes = 0;
  trouble: Error | undefined;

  constructor(fd: number) {
    super();
    this.#fd = fd;
    this.on('error', (error) => {
      this.trouble = error;
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at, chunk.length - at);
      this.bytes += chunk.length;
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
