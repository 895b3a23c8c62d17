import type { Page } from '../model/page.ts';
import { archiveOf, folderOf } from '../model/page.ts';
import type { Part } from '../model/part.ts';

/**
 * Tells a part's own pages from the others', asked for each page in natural order: with `--part i/N` every Nth page (every
 * Nth folder, where folders stay together; an archive counts as one), the same on every machine. No page is opened for it.
 */
export function dealRound(part: Part, byFolder: boolean): (page: Page) => boolean {
  const isTurn = (position: number): boolean => position % part.of === part.index - 1;
  let next = 0;
  // A folder's pages need not follow each other: its subfolders stand among them.
  const places = new Map<string, number>();
  return (page) => {
    const together = archiveOf(page) ?? (byFolder ? folderOf(page.id) : undefined);
    if (together === undefined) return isTurn(next++);
    const place = places.get(together) ?? next++;
    places.set(together, place);
    return isTurn(place);
  };
}
