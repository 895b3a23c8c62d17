import { folderOf, type Page } from '../model/page.ts';

/**
 * The pages folder by folder, folders in the order of their first page. A folder that is more than one slot's share is cut, so
 * that no slot stands idle for it.
 */
export function folderUnits(pages: readonly Page[], slots: number): Page[][] {
  const most = Math.ceil(pages.length / Math.max(1, slots));
  const folders = new Map<string, Page[]>();
  for (const page of pages) {
    const folder = folderOf(page.id);
    const found = folders.get(folder);
    if (found) found.push(page);
    else folders.set(folder, [page]);
  }
  return [...folders.values()].flatMap((folder) => cut(folder, most));
}

/** In pieces of `most` pages at most that differ by one page. */
function cut(pages: readonly Page[], most: number): Page[][] {
  const pieces = Math.ceil(pages.length / most);
  return Array.from({ length: pieces }, (_, at) =>
    pages.slice(Math.round((at * pages.length) / pieces), Math.round(((at + 1) * pages.length) / pieces)),
  );
}

/**
 * Units for each of `slots` slots: each unit goes to the slot with the least so far, in the given order, and each slot has its
 * units in the order of `units`.
 */
export function dealUnits(
  units: readonly Page[][],
  slots: number,
  {
    costOf,
    largestFirst,
  }: { readonly costOf: (unit: readonly Page[]) => number; readonly largestFirst: boolean },
): Page[][][] {
  const costs = units.map(costOf);
  const order = [...units.keys()];
  if (largestFirst) order.sort((a, b) => (costs[b] ?? 0) - (costs[a] ?? 0) || a - b);
  const shards = Array.from({ length: slots }, () => ({ load: 0, picked: [] as number[] }));
  for (const at of order) {
    const lightest = shards.reduce((least, shard) => (shard.load < least.load ? shard : least));
    lightest.load += costs[at] ?? 0;
    lightest.picked.push(at);
  }
  return shards.map(({ picked }) => picked.sort((a, b) => a - b).flatMap((at) => [units[at] ?? []]));
}
