import { lstat } from 'node:fs/promises';
import type { PageId } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import type { ArchiveLine } from '../ledger/ledger-line.ts';
import type { ArchivePlaces } from './archive-places.ts';

/** What tells an archive of our own from somebody else's file. */
interface OwnSetup {
  readonly places: ArchivePlaces;
  /** The last line of each archive in the ledgers: it is there before the archive is. */
  readonly lines: ReadonlyMap<PageId, ArchiveLine>;
  readonly overwrite: RunOptions['overwrite'];
}

/** Sees to it that no file is written over that no run wrote. @throws Refusal (3) */
export async function assertOwn(
  archives: Iterable<PageId>,
  { places, lines, overwrite }: OwnSetup,
): Promise<void> {
  if (overwrite === 'all') return;
  for (const id of archives) {
    if (lines.has(id)) continue;
    const { file } = places.whole(id);
    if ((await lstat(file).catch(() => undefined)) === undefined) continue;
    throw cannotRun(
      `${file} is there, and no run wrote it: it would be overwritten`,
      'move it away, choose another --output, or add --overwrite all',
    );
  }
}
