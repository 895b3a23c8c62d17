import path from 'node:path';
import { type Page, type PageId, sourceOf } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { Costs } from '../schedule/costs.ts';

/**
 * Reads all headers, but for pages in archives: of those the directories alone are read. `costs` hears the sizes. Returns why
 * no worker is to get a page.
 */
export async function lookAtPages(
  pages: readonly Page[],
  { costs, inspector }: { readonly costs: Costs; readonly inspector: Inspector },
): Promise<ReadonlyMap<PageId, string>> {
  const unreadable = new Map<PageId, string>();
  const files = pages.filter(({ entry }) => entry === undefined);
  const looks = await inspector.probe(files.map(sourceOf), { measure: true });
  for (const [at, { id }] of files.entries()) {
    const look = looks[at];
    if (look?.ok === false) unreadable.set(id, look.message);
    if (look?.ok && look.size) costs.sized(id, look.size.width * look.size.height);
  }
  costs.allSized();
  return unreadable;
}

/** Pixels of pages by their headers, where these can be read below `root`. */
export async function pixelsOf(
  pages: readonly PageId[],
  { root, inspector }: { readonly root: string; readonly inspector: Inspector },
): Promise<(number | undefined)[]> {
  const jobs = pages.map((page) => ({ path: path.join(root, page) }));
  const found = await inspector.probe(jobs, { measure: true });
  return found.map((page) => (page.ok && page.size ? page.size.width * page.size.height : undefined));
}
