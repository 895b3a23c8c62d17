import type { Stats } from 'node:fs';
import type { SourceStamp } from '../model/page.ts';

/** A source file as it was seen at one moment: enough to tell later whether it was changed, and by what kind of change. */
export interface SourceSighting extends SourceStamp {
  /** When content or inode changed last: a time that no program can set. */
  readonly ctimeMs: number;
  readonly device: number;
  readonly inode: number;
  /** See `sampleOf`. */
  readonly sample: number;
}

/** A file's sighting from its `stat` and the sample of its content. */
export const sightingOf = ({ size, mtimeMs, ctimeMs, dev, ino }: Stats, sample: number): SourceSighting => ({
  bytes: size,
  mtimeMs,
  ctimeMs,
  device: dev,
  inode: ino,
  sample,
});

/** True where a file has the size and the times that were seen: nobody has written to it since. */
export const hasStampOf = (
  { size, mtimeMs, ctimeMs }: Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs'>,
  seen: Pick<SourceSighting, 'bytes' | 'mtimeMs' | 'ctimeMs'>,
): boolean => size === seen.bytes && mtimeMs === seen.mtimeMs && ctimeMs === seen.ctimeMs;

/** True where two sightings of a file have the same size and times. */
export const hasSameTimes = (
  one: Pick<SourceSighting, 'bytes' | 'mtimeMs' | 'ctimeMs'>,
  other: Pick<SourceSighting, 'bytes' | 'mtimeMs' | 'ctimeMs'>,
): boolean => one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs;

/** What happened to a source between two looks. */
type SourceChange =
  /** The same content; its times may have been set. */
  | 'none'
  /** Another file has its name now: an editor, a download, a sync. */
  | 'replaced'
  /** The same file with other content: whoever has it open for writing did that. */
  | 'overwritten';

/** Tells what happened to a source; pure. */
export function changeOf(before: SourceSighting, now: SourceSighting): SourceChange {
  // Also where it is another file: some network disks number a file anew each time it is looked up.
  if (hasSameContent(before, now)) return 'none';
  return before.device === now.device && before.inode === now.inode ? 'overwritten' : 'replaced';
}

const hasSameContent = (before: SourceSighting, now: SourceSighting): boolean =>
  before.bytes === now.bytes && before.sample === now.sample;
