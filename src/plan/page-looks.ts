import { type Page, type PageId, sourceOf } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';

/** What the pages' headers say. */
export interface PageLooks {
  readonly pixels: ReadonlyMap<PageId, number>;
  /** Why no worker is to get the page. */
  readonly unreadable: ReadonlyMap<PageId, string>;
  /** Stands for a page whose size can't be read. */
  readonly averagePixels: number;
}

/** Reads all headers, but for pages in archives: of those the directories alone are read. */
export async function lookAtPages(pages: readonly Page[], inspector: Inspector): Promise<PageLooks> {
  const pixels = new Map<PageId, number>();
  const unreadable = new Map<PageId, string>();
  let all = 0;
  const files = pages.filter(({ entry }) => entry === undefined);
  const looks = await inspector.probe(files.map(sourceOf), { measure: true });
  for (const [at, { id }] of files.entries()) {
    const look = looks[at];
    if (look?.ok === false) unreadable.set(id, look.message);
    if (!look?.ok || !look.size) continue;
    const count = look.size.width * look.size.height;
    pixels.set(id, count);
    all += count;
  }
  return { pixels, unreadable, averagePixels: all / Math.max(1, pixels.size) || 1 };
}
