import type { ArchiveEntry, ArchiveFile, PageId } from '../../model/page.ts';
import { loadDirectory } from '../../pages/sources/load-directory.ts';
import type { ArchiveLine } from '../ledger/ledger-line.ts';
import type { ArchivePlaces } from './archive-places.ts';

type Entries = ReadonlyMap<string, ArchiveEntry>;

const NONE: Entries = new Map();

/** Outputs that no longer wait anywhere but in the archive that an earlier run packed: they are not made again. */
export class PackedOutputs {
  readonly #lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly #places: ArchivePlaces;
  readonly #entries = new Map<PageId, Promise<Entries>>();

  constructor(lines: ReadonlyMap<PageId, ArchiveLine>, places: ArchivePlaces) {
    this.#lines = lines;
    this.#places = places;
  }

  /** The output that waited at `at`, relative to the output root; undefined where it is in no archive that a run packed. */
  async entryOf({ id, outputs }: ArchiveFile, at: string): Promise<ArchiveEntry | undefined> {
    if (!this.#lines.has(id) || !at.startsWith(`${outputs}/`)) return undefined;
    const entries = this.#entries.get(id) ?? this.#read(id);
    this.#entries.set(id, entries);
    return (await entries).get(at.slice(outputs.length + 1));
  }

  async #read(id: PageId): Promise<Entries> {
    const line = this.#lines.get(id);
    const place = [this.#places.whole(id), this.#places.incomplete(id)].find(
      ({ name }) => name === line?.output,
    );
    const directory = place && (await loadDirectory(place.file));
    if (!directory || 'trouble' in directory || directory.bytes !== line?.outputBytes) return NONE;
    const { bytes, mtimeMs } = directory;
    const archive = { id, path: place.file, bytes, mtimeMs, outputs: '' };
    return new Map(directory.entries.map((entry) => [entry.name, { ...entry, archive }]));
  }
}
