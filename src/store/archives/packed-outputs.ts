import type { ArchiveEntry, ArchiveFile, PageId } from '../../model/page.ts';
import type { ArchiveDirectory } from '../../pages/sources/archive-directory.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import type { ArchiveLine, LedgerLine } from '../ledger/ledger-line.ts';
import type { ArchivePlaces, PackedPlace } from './archive-places.ts';
import { madeOfPages } from './made-of-pages.ts';

/** What was packed of an archive, whole or not. */
interface Packed {
  readonly place: PackedPlace;
  readonly directory: ArchiveDirectory;
  readonly of: ArchiveFile;
  /** By their names. */
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
}

/** The same of an archive that no ledger needs to know: its entries by the names of the pages that they were made of. */
type LikeOurs = Pick<Packed, 'place' | 'entries'>;

/** Where outputs are that wait nowhere any more, as they are in a packed archive: they are not made again. */
export class PackedOutputs {
  readonly #lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly #places: ArchivePlaces;
  readonly #packed = new Map<PageId, Promise<readonly Packed[]>>();
  readonly #likeOurs = new Map<PageId, Promise<readonly LikeOurs[]>>();

  constructor(lines: ReadonlyMap<PageId, ArchiveLine>, places: ArchivePlaces) {
    this.#lines = lines;
    this.#places = places;
  }

  /**
   * The output of a page that its line tells of; undefined where it is in no archive that a run packed. An archive may be older
   * than its line, where a run could not put the new one into place, or have been edited: what counts is the page in it.
   */
  async entryOf(
    archive: ArchiveFile,
    { output, source, unchanged }: Pick<LedgerLine, 'output' | 'source' | 'unchanged'>,
  ): Promise<ArchiveEntry | undefined> {
    if (!output) return undefined;
    const name = this.#places.nameWithin(archive.id, output.path);
    const packed = await this.#packedOf(archive);
    const likeOurs = this.#lines.has(archive.id) ? packed : await this.#likeOursOf(archive);
    const places = new Set(likeOurs.map(({ place }) => place.file));
    const found = packed
      .filter(({ place }) => places.has(place.file))
      .flatMap(({ entries }) => entries.get(name) ?? [])
      // Pages that failed or that a filter left out are in it as they were.
      .filter(({ crc32 }) => unchanged || crc32 !== source?.crc32);
    return found.find(({ bytes }) => bytes === output.bytes) ?? found[0];
  }

  /**
   * What stands for a page that no ledger knows in an archive that looks like one that a run packed of this one; undefined where
   * there is none, or the page is in it as it was.
   */
  async standingOf({ archive, name, crc32 }: ArchiveEntry): Promise<ArchiveEntry | undefined> {
    const found = (await this.#likeOursOf(archive)).map(({ entries }) => entries.get(name));
    return found.find((entry) => entry && entry.crc32 !== crc32);
  }

  /** True where the file at a place of an archive is what a run packed of it, by the ledger or by what is in it. */
  async isOwn(archive: ArchiveFile, { name, file }: PackedPlace): Promise<boolean> {
    if (this.#lines.get(archive.id)?.output === name) return true;
    return (await this.#likeOursOf(archive)).some(({ place }) => place.file === file);
  }

  /** The output of a page of this archive at a path, where this run has it elsewhere: see `ArchivePlaces`. */
  movedTo({ id }: ArchiveFile, at: string): string | undefined {
    return this.#places.movedTo(id, at);
  }

  #packedOf(archive: ArchiveFile): Promise<readonly Packed[]> {
    const packed = this.#packed.get(archive.id) ?? this.#read(archive.id);
    this.#packed.set(archive.id, packed);
    return packed;
  }

  #likeOursOf(archive: ArchiveFile): Promise<readonly LikeOurs[]> {
    const packed = this.#likeOurs.get(archive.id) ?? this.#findLikeOurs(archive);
    this.#likeOurs.set(archive.id, packed);
    return packed;
  }

  async #findLikeOurs(archive: ArchiveFile): Promise<readonly LikeOurs[]> {
    const packed = await this.#packedOf(archive);
    const source = packed.length === 0 ? undefined : await loadDirectory(archive.path);
    if (source === undefined || 'trouble' in source) return [];
    const { file } = this.#places.incomplete(archive.id);
    return packed.flatMap(({ place, directory, of }) => {
      const pages = madeOfPages(directory, source, { isWhole: place.file !== file });
      if (!pages) return [];
      const entries = [...pages].map(([name, entry]) => [name, { ...entry, archive: of }] as const);
      return { place, entries: new Map(entries) };
    });
  }

  /** The one that was packed last comes first. */
  async #read(id: PageId): Promise<readonly Packed[]> {
    const line = this.#lines.get(id);
    const places = [
      ...(line ? [this.#places.named(line.output)] : []),
      this.#places.whole(id),
      this.#places.incomplete(id),
    ];
    const packed: Packed[] = [];
    for (const place of new Map(places.map((one) => [one.file, one])).values()) {
      const directory = await loadDirectory(place.file);
      if ('trouble' in directory) continue;
      const { bytes, mtimeMs, directoryCrc, entries } = directory;
      const archive = { id, path: place.file, bytes, mtimeMs, directoryCrc, pages: 0, outputs: '' };
      packed.push({
        place,
        directory,
        of: archive,
        entries: new Map(entries.map((entry) => [entry.name, { ...entry, archive }])),
      });
    }
    return packed;
  }
}
