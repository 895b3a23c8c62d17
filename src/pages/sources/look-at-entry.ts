import type { Stats } from 'node:fs';
import type { ArchiveEntry, PageSize } from '../../model/page.ts';
import { readStructureIn } from '../byte-reads.ts';
import { formatOf, type ImageFormat } from '../image-format.ts';
import { whyNoPage } from '../no-image-words.ts';
import { type SourceSighting, sightingOf } from '../source-sighting.ts';
import { readStructure } from '../structure/read-structure.ts';
import { type ReadEntry, readEntry, readEntryHead } from './read-entry.ts';

/** What a page in an archive is. */
type EntryLook =
  | {
      readonly ok: true;
      readonly source: SourceSighting;
      readonly format: ImageFormat;
      readonly size?: PageSize;
    }
  | { readonly ok: false; readonly message: string; readonly source?: SourceSighting };

/** A look, and the content where all of it was read. */
interface LookedAtEntry {
  readonly found: EntryLook;
  readonly content?: Buffer;
}

/**
 * Looks at a page in an archive: `isWhole` reads all of it, and checks its CRC-32. Blocking. Throws as `readEntry`.
 */
export function lookAtEntry(
  entry: ArchiveEntry,
  { measure, isWhole }: { readonly measure: boolean; readonly isWhole: boolean },
): LookedAtEntry {
  if (entry.bytes === 0) return { found: { ok: false, message: 'the file is empty' } };
  if (isWhole) return lookInto(entry, readEntry(entry), measure);
  const { found } = lookInto(entry, readEntryHead(entry), measure);
  // Some formats tell their size late.
  const isEnough = found.ok && (!measure || found.size !== undefined);
  return { found: isEnough ? found : lookInto(entry, readEntry(entry), measure).found };
}

function lookInto(entry: ArchiveEntry, { bytes, stats }: ReadEntry, measure: boolean): LookedAtEntry {
  const format = formatOf(bytes);
  const source = entrySighting(entry, stats);
  if (format === undefined) return { found: { ok: false, message: whyNoPage(bytes, entry.name), source } };
  const size = measure ? sizeIn(bytes, format, entry.bytes) : undefined;
  return { found: { ok: true, source, format, ...(size && { size }) }, content: bytes };
}

/** The archive's file, and the entry's content: the CRC-32 of all of it is the best sample that there is. */
const entrySighting = ({ bytes, mtimeMs, crc32 }: ArchiveEntry, archive: Stats): SourceSighting => ({
  ...sightingOf(archive, crc32),
  bytes,
  mtimeMs,
});

/** Undefined where these bytes, of `fileBytes` in all, are not enough to tell. */
function sizeIn(bytes: Buffer, format: ImageFormat, fileBytes: number): PageSize | undefined {
  return readStructureIn(bytes, readStructure(format, fileBytes, 'size'), fileBytes).size;
}
