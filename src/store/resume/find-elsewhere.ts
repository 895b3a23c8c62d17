import { posix } from 'node:path';
import {
  type ArchiveEntry,
  isPacked,
  type Page,
  type PageSource,
  type SourceStamp,
} from '../../model/page.ts';
import type { PackedOutputs } from '../archives/packed-outputs.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';

/** An output that is to be brought to where it belongs. */
export interface Bringing {
  /** A file, by its path relative to the output root, or what is in a packed archive. */
  readonly from: string | PageSource;
  /** Relative to the output root. */
  readonly to: string;
}

/** The output of a page in an archive, found where its line does not say. */
export interface FoundElsewhere {
  /** Where it belongs, relative to the output root. */
  readonly name: string;
  readonly output: SourceStamp;
  /** It is in an archive, whose checksum says that it is whole. */
  readonly isWhole: boolean;
  /** Missing where it is there already, or stays in the archive. */
  readonly bring?: Bringing;
}

/** What is known of the page's output already. */
interface Known {
  readonly line: LedgerLine | undefined;
  /** The file that its line tells of. */
  readonly file: SourceStamp | null | undefined;
}

/**
 * Looks for the output of a page in an archive in what runs have packed, and where runs with another `--archives` put it;
 * undefined where it is where its line says, or nowhere.
 */
export async function findElsewhere(
  page: Page & { readonly entry: ArchiveEntry },
  { line, file }: Known,
  {
    packed,
    stampOf,
  }: {
    readonly packed: Pick<PackedOutputs, 'entryOf' | 'standingOf' | 'movedTo'>;
    /** Of a file by its path relative to the output root. */
    readonly stampOf: (name: string) => Promise<SourceStamp | null>;
  },
): Promise<FoundElsewhere | undefined> {
  const { archive } = page.entry;
  if (line === undefined) {
    const entry = await packed.standingOf(page.entry);
    return entry && inArchive(page, entry, posix.join(archive.outputs, entry.name));
  }
  if (!line.output) return undefined;
  const { path: at } = line.output;
  const movedTo = packed.movedTo(archive, at);
  const moved = movedTo === undefined ? null : await stampOf(movedTo);
  if (movedTo !== undefined && moved) return { name: movedTo, output: moved, isWhole: false };
  if (file && movedTo !== undefined)
    return { name: movedTo, output: file, isWhole: false, bring: { from: at, to: movedTo } };
  const entry = file ? undefined : await packed.entryOf(archive, line);
  return entry && inArchive(page, entry, movedTo ?? at);
}

/** Where archives become folders, it is unpacked. */
function inArchive(page: Page, entry: ArchiveEntry, name: string): FoundElsewhere {
  const { bytes, mtimeMs, archive } = entry;
  const from = { path: `${archive.path}/${entry.name}`, entry };
  return {
    name,
    output: { bytes, mtimeMs },
    isWhole: true,
    ...(!isPacked(page) && { bring: { from, to: name } }),
  };
}
