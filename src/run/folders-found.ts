import type { FolderFound } from '../model/events.ts';
import type { Page } from '../model/page.ts';
import { folderName } from '../report/folder-tally.ts';
import type { SortedChunk } from '../store/resume/sort-pages.ts';

/** Paths of so many characters go into one event at most: a line that is read again has a length. */
const EVENT_CHARACTERS = 64 * 1024;

/** The pages of a chunk by their folders, in the order in which these were come to; some folders an event. */
export function* foldersFound({
  walked,
  todo,
  done,
  unreadable,
  collisions,
}: Omit<SortedChunk, 'because' | 'skipped' | 'lines' | 'brought'>): Generator<FolderFound[]> {
  const isSkipped = new Map<Page, boolean>();
  for (const page of done) isSkipped.set(page, true);
  for (const page of [...todo, ...unreadable, ...collisions.map((found) => found.page)])
    isSkipped.set(page, false);
  const folders = new Map<string, { folder: string; pages: number; skipped: number }>();
  let last = '';
  for (const page of walked) {
    const wasDone = isSkipped.get(page);
    if (wasDone === undefined) continue;
    last = folderName(page.id);
    const found = folders.get(last) ?? { folder: last, pages: 0, skipped: 0 };
    folders.set(last, found);
    found.pages += 1;
    if (wasDone) found.skipped += 1;
  }
  // The one that the walk is in stands last, wherever it was come to first.
  const inOrder = [...folders.values()].filter(({ folder }) => folder !== last);
  const current = folders.get(last);
  yield* inEvents(current ? [...inOrder, current] : inOrder);
}

function* inEvents(folders: readonly FolderFound[]): Generator<FolderFound[]> {
  let some: FolderFound[] = [];
  let characters = 0;
  for (const found of folders) {
    characters += found.folder.length;
    if (some.length > 0 && characters > EVENT_CHARACTERS) {
      yield some;
      some = [];
      characters = found.folder.length;
    }
    some.push(found);
  }
  if (some.length > 0) yield some;
}
