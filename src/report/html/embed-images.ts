import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ArchiveEntry } from '../../model/page.ts';
import { WAITING_FOLDER } from '../../model/page.ts';
import { formatOf, type ImageFormat } from '../../pages/image-format.ts';
import { openRegular } from '../../pages/open-regular.ts';
import { isArchiveName } from '../../pages/sources/archive-directory.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import { readEntry } from '../../pages/sources/read-entry.ts';
import type { Ledgers } from '../../store/ledger/ledger.ts';
import type { KnownPage } from './page-columns.ts';

const LARGEST_IMAGE_BYTES = 8_000_000;
/** Of all images together: a file that a mail and a phone take. */
const MOST_BYTES = 48_000_000;

/** What browsers show. */
const TYPES: Partial<Record<ImageFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
};

/** An image within the report. */
export interface EmbeddedImage {
  /** The page's place in the columns. */
  readonly at: number;
  readonly side: 'original' | 'result';
  readonly type: string;
  readonly bytes: Buffer;
}

interface Places {
  readonly output: string;
  readonly inputRoot: string | undefined;
  readonly ledgers: Pick<Ledgers, 'archives'>;
}

/**
 * The images of at most `most` pages, originals and results: of pages with trouble first, then of others, spread over all. Files that are gone,
 * larger than 8 MB, or of a kind that browsers don't show are passed over; it ends at 48 MB.
 */
export async function* embeddedImages(
  pages: readonly KnownPage[],
  most: number,
  places: Places,
): AsyncGenerator<EmbeddedImage> {
  const archives = new OpenArchives();
  let bytes = 0;
  for (const at of chosen(pages, most)) {
    const page = pages[at];
    if (page === undefined) continue;
    for (const side of ['original', 'result'] as const) {
      const found = await (side === 'original'
        ? originalOf(page, places, archives)
        : resultOf(page, places, archives));
      const type = found && TYPES[formatOf(found) ?? 'tiff'];
      if (found === undefined || type === undefined) continue;
      bytes += found.length;
      if (bytes > MOST_BYTES) return;
      yield { at, side, type, bytes: found };
    }
  }
}

/** Places of the pages whose images are of most use. */
function chosen(pages: readonly KnownPage[], most: number): number[] {
  const isTrouble = ({ line, tracked }: KnownPage): boolean => {
    const { outcome } = line ?? tracked ?? {};
    return outcome === 'failed' || outcome === 'untranslated' || line?.unchanged === true;
  };
  const all = [...pages.keys()];
  const troubled = all.filter((at) => isTrouble(pages[at] as KnownPage)).slice(0, most);
  const others = all.filter((at) => !isTrouble(pages[at] as KnownPage));
  const count = Math.min(most - troubled.length, others.length);
  return [
    ...troubled,
    ...Array.from({ length: count }, (_, n) => others[Math.floor((n * others.length) / count)] ?? 0),
  ];
}

async function originalOf(
  { id }: KnownPage,
  { inputRoot }: Places,
  archives: OpenArchives,
): Promise<Buffer | undefined> {
  if (inputRoot === undefined) return undefined;
  const archive = archiveIn(id);
  return archive === undefined
    ? readImage(path.join(inputRoot, id))
    : archives.read(path.join(inputRoot, archive), id.slice(archive.length + 1));
}

async function resultOf(
  { line }: KnownPage,
  { output, ledgers }: Places,
  archives: OpenArchives,
): Promise<Buffer | undefined> {
  const at = line?.output?.path;
  if (at === undefined) return undefined;
  const found = await readImage(path.join(output, at));
  if (found !== undefined || !at.startsWith(`${WAITING_FOLDER}/`)) return found;
  const shown = at.slice(WAITING_FOLDER.length + 1);
  const archive = archiveIn(shown);
  const packed = archive === undefined ? undefined : ledgers.archives.get(archive)?.output;
  if (archive === undefined || packed === undefined) return undefined;
  // One that is packed beside the output folder is known by its name.
  const file = [path.join(output, packed), path.join(path.dirname(output), packed)].find((each) =>
    existsSync(each),
  );
  return file === undefined ? undefined : archives.read(file, shown.slice(archive.length + 1));
}

/** The first part of a path that ends with an archive's name; undefined where none does. */
function archiveIn(id: string): string | undefined {
  const parts = id.split('/').slice(0, -1);
  const at = parts.findIndex(isArchiveName);
  return at < 0 ? undefined : parts.slice(0, at + 1).join('/');
}

async function readImage(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await openRegular(file, { followLinks: true });
    try {
      return (await handle.stat()).size > LARGEST_IMAGE_BYTES ? undefined : await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Archives whose directories were read. */
class OpenArchives {
  readonly #entries = new Map<string, Promise<ReadonlyMap<string, ArchiveEntry>>>();

  async read(file: string, name: string): Promise<Buffer | undefined> {
    const entries = this.#entries.get(file) ?? entriesOf(file);
    this.#entries.set(file, entries);
    const entry = (await entries).get(name);
    if (entry === undefined || entry.bytes > LARGEST_IMAGE_BYTES) return undefined;
    try {
      return readEntry(entry).bytes;
    } catch {
      return undefined;
    }
  }
}

async function entriesOf(file: string): Promise<ReadonlyMap<string, ArchiveEntry>> {
  const directory = await loadDirectory(file).catch(() => undefined);
  if (directory === undefined || 'trouble' in directory) return new Map();
  const { bytes, mtimeMs, directoryCrc, entries } = directory;
  const archive = { id: '', path: file, bytes, mtimeMs, directoryCrc, pages: entries.length, outputs: '' };
  return new Map(entries.map((entry) => [entry.name, { ...entry, archive }]));
}
