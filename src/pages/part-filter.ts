import type { Page } from '../model/page.ts';
import { folderOf } from '../model/page.ts';
import type { Part } from '../model/part.ts';

/**
 * Tells a part's own pages from the others', asked for each page in natural order: with `--part i/N` every Nth page (every
 * Nth folder, where folders stay together), the same on every machine. No page is opened for it.
 */
export function dealRound(part: Part, byFolder: boolean): (page: Page) => boolean {
  const isTurn = (position: number): boolean => position % part.of === part.index - 1;
  let pages = 0;
  if (!byFolder) return () => isTurn(pages++);
  // A folder's pages need not follow each other: its subfolders stand among them.
  const places = new Map<string, number>();
  return ({ id }) => {
    const folder = folderOf(id);
    const place = places.get(folder) ?? places.size;
    places.set(folder, place);
    return isTurn(place);
  };
}
