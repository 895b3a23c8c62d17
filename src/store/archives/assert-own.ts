import { lstat } from 'node:fs/promises';
import { errorCode } from '../../model/error-code.ts';
import type { ArchiveFile, PageId } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { ArchiveLine } from '../ledger/ledger-line.ts';
import type { ArchivePlaces } from './archive-places.ts';
import type { PackedOutputs } from './packed-outputs.ts';

/** What tells an archive of our own from somebody else's file. */
interface OwnSetup {
  readonly places: ArchivePlaces;
  /** The last line of each archive in the ledgers: it is there before the archive is. */
  readonly lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly packed: Pick<PackedOutputs, 'isOwn'>;
  readonly overwrite: RunOptions['overwrite'];
}

/** Sees to it that archives can be put where they go, and that no file is written over that no run wrote. @throws Refusal (3) */
export async function assertOwn(
  archives: Iterable<ArchiveFile>,
  { places, lines, packed, overwrite }: OwnSetup,
): Promise<void> {
  for (const archive of archives) {
    const whole = places.whole(archive.id);
    const { file } = whole;
    const isThere = await holdsFile(file);
    await holdsFile(places.incomplete(archive.id).file);
    if (!isThere || overwrite === 'all' || lines.has(archive.id)) continue;
    if (await packed.isOwn(archive, whole)) continue;
    throw cannotRun(
      `${file} is there, and no run wrote it: it would be overwritten`,
      'move it away, choose another --output, or add --overwrite all',
    );
  }
}

/** Whether a file or a link is there. @throws Refusal (3) where what is there can't be written over */
async function holdsFile(file: string): Promise<boolean> {
  const found = await lstat(file).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOTDIR') return undefined;
    throw cannotRun(
      `${file} can't be written: a part of this path is a file`,
      'move that file away, or choose another --output',
    );
  });
  if (found === undefined || found.isFile() || found.isSymbolicLink()) return found !== undefined;
  throw cannotRun(
    `an archive is to be written to ${file}, and a ${found.isDirectory() ? 'folder' : 'pipe, socket or device'} is there`,
    'move it away, or choose another --output',
  );
}
