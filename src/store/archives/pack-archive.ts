import { errorCode, errorMessage } from '../../model/error-code.ts';
import type { ArchiveEntry, ArchiveFile, SourceStamp } from '../../model/page.ts';
import { suffixOf } from '../../pages/image-format.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { stemOf } from '../../pages/output-name.ts';
import type { ArchiveDirectory, DirectoryEntry } from '../../pages/sources/archive-directory.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import { isPage } from '../../pages/sources/pages-of-archive.ts';
import { BrokenEntry, readEntry } from '../../pages/sources/read-entry.ts';
import { ZipWriter } from './zip-writer.ts';

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
  /** The archive that it was made of, as it was then: one that was touched while its pages were translated has another time. */
  readonly source: SourceStamp;
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

/**
 * Writes an archive like another one, with pages replaced: its entries under their own names, in their order, with their
 * times, not compressed. It is on the disk once it is answered. One entry at a time is in memory.
 */
export async function packArchive(job: PackJob): Promise<Packed | NotPacked> {
  try {
    const directory = await loadDirectory(job.archive.path);
    if ('trouble' in directory) return directory;
    if (directory.directoryCrc !== job.archive.directoryCrc) {
      return { trouble: 'the archive was changed while its pages were translated' };
    }
    return await write(job, directory);
  } catch (error) {
    return { trouble: errorMessage(error), code: errorCode(error) };
  }
}

async function write(job: PackJob, directory: ArchiveDirectory): Promise<Packed> {
  const zip = await ZipWriter.open(job.to);
  try {
    const told = await addAll(zip, { job, directory });
    const bytes = await zip.end(directory.comment);
    return { bytes, source: { bytes: directory.bytes, mtimeMs: directory.mtimeMs }, ...told };
  } finally {
    await zip.close();
  }
}

async function addAll(
  zip: ZipWriter,
  { job, directory }: { readonly job: PackJob; readonly directory: ArchiveDirectory },
): Promise<Pick<Packed, 'missing' | 'leftOut'>> {
  const missing: string[] = [];
  const leftOut: { name: string; why: string }[] = [];
  const made = new Set([...job.pages].flatMap(([name, page]) => nameOf(name, page) ?? []));
  for (const entry of directory.entries) {
    const { name } = entry;
    const mtime = new Date(entry.mtimeMs);
    const page = job.pages.get(name) ?? 'original';
    if (name.endsWith('/')) await zip.addFolder(name, mtime);
    else if (page === 'left-out') continue;
    else if (page !== 'original') await zip.addFile(nameOf(name, page) ?? name, await madeOf(page), mtime);
    else {
      const content = made.has(name) ? 'an output has its name' : contentOf(entry, job.archive);
      if (typeof content !== 'string') await zip.addFile(name, content, mtime);
      else if (isPage(entry)) missing.push(name);
      else leftOut.push({ name, why: content });
    }
  }
  return { missing, leftOut };
}

const madeOf = async (page: Exclude<PackedPage, string>): Promise<Buffer> =>
  'file' in page ? readWhole(page.file) : readEntry(page.entry).bytes;

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
