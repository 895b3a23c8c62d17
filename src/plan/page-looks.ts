import type { Page, PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';

/** What the pages' headers say. */
export interface PageLooks {
  readonly pixels: ReadonlyMap<PageId, number>;
  /** Why no worker is to get the page. */
  readonly unreadable: ReadonlyMap<PageId, string>;
  /** Stands for a page whose size can't be read. */
  readonly averagePixels: number;
}

/** Reads all headers. */
export async function lookAtPages(pages: readonly Page[], inspector: Inspector): Promise<PageLooks> {
  const pixels = new Map<PageId, number>();
  const unreadable = new Map<PageId, string>();
  let all = 0;
  const looks = await inspector.probe(
    pages.map((page) => ({ path: page.path })),
    { measure: true },
  );
  for (const [at, { id }] of pages.entries()) {
    const look = looks[at];
    if (look?.ok === false) unreadable.set(id, look.message);
    if (!look?.ok || !look.size) continue;
    const count = look.size.width * look.size.height;
    pixels.set(id, count);
    all += count;
  }
  return { pixels, unreadable, averagePixels: all / Math.max(1, pixels.size) || 1 };
}
