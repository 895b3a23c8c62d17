import type { FolderFound } from '../model/events.ts';
import { isGood, type Outcome } from '../model/outcome.ts';
import type { PageId } from '../model/page.ts';
import { folderOf } from '../model/page.ts';
import type { FolderSummary, FolderTotals } from './run-summary.ts';

const LISTED_FOLDERS = 1000;
/** A summary stands in one line of `events.ndjson`, and a path may have 4,096 bytes. */
const LISTED_CHARACTERS = 200_000;

/** All folders of a run. */
export interface FolderSummaries {
  readonly folders: FolderSummary[];
  /** The run ended before all of the input was read. */
  readonly mayHaveMore: boolean;
}

interface Counts {
  pages: number;
  done: number;
  untranslated: number;
  failed: number;
}

/** Counts the pages of each folder, from the events of a run. */
export class FolderTally {
  readonly #folders = new Map<string, Counts>();
  #last = '';
  #isInAnyOrder = false;
  #isWhole = false;

  /** Pages that were found since the last call; `isInAnyOrder`: not by a walk that leaves no folder half read. */
  found(folders: readonly FolderFound[], { isInAnyOrder }: { isInAnyOrder: boolean }): void {
    this.#isInAnyOrder ||= isInAnyOrder;
    for (const { folder, pages, skipped } of folders) {
      const counts = this.#folders.get(folder) ?? { pages: 0, done: 0, untranslated: 0, failed: 0 };
      this.#folders.set(folder, counts);
      counts.pages += pages;
      counts.done += skipped;
      this.#last = folder;
    }
  }

  /** All pages were found. */
  foundAll(): void {
    this.#isWhole = true;
  }

  /** A page has its outcome. Where nothing was found, as in events of version 0.1.0, it counts nowhere. */
  finished(page: PageId, outcome: Outcome): void {
    if (this.#folders.size === 0) return;
    const counts = this.#folders.get(folderName(page));
    if (counts) counts[isGood(outcome) ? 'done' : outcome === 'failed' ? 'failed' : 'untranslated'] += 1;
  }

  /** Every folder in the order it was found; undefined where events tell of none. */
  summaries(): FolderSummaries | undefined {
    if (this.#folders.size === 0) return undefined;
    const folders = Array.from(this.#folders, ([folder, { pages, done, untranslated, failed }]) => {
      const left = Math.max(0, pages - done - untranslated - failed);
      const complete = untranslated + failed + left === 0 && !this.#mayGrow(folder);
      return { folder, pages, done, untranslated, failed, left, complete };
    });
    return { folders, mayHaveMore: !this.#isWhole };
  }

  /** A walk that was cut short leaves the last folder open, and those around it: a folder's pages come between its subfolders. */
  #mayGrow(folder: string): boolean {
    if (this.#isWhole) return false;
    return this.#isInAnyOrder || folder === '.' || `${this.#last}/`.startsWith(`${folder}/`);
  }
}

/** A page's folder as events and summaries have it: `.` is the input root. */
export const folderName = (page: PageId): string => folderOf(page) || '.';

/** Folders for a summary: the first thousand, and where there are more, those that are not complete before the others. */
export function listFolders({ folders, mayHaveMore }: FolderSummaries): {
  folders: FolderSummary[];
  folderTotals: FolderTotals;
} {
  const complete = folders.filter((folder) => folder.complete);
  const folderTotals = {
    folders: folders.length,
    complete: complete.length,
    ...(mayHaveMore && { mayHaveMore }),
  };
  const characters = folders.reduce((sum, { folder }) => sum + folder.length, 0);
  if (folders.length <= LISTED_FOLDERS && characters <= LISTED_CHARACTERS)
    return { folders: [...folders], folderTotals };
  const listed: FolderSummary[] = [];
  let room = LISTED_CHARACTERS;
  for (const folder of [...folders.filter((one) => !one.complete), ...complete]) {
    room -= folder.folder.length;
    if (listed.length === LISTED_FOLDERS || room < 0) break;
    listed.push(folder);
  }
  return { folders: listed, folderTotals };
}
