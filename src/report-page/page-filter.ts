import type { PageOutcome, PageTable } from './page-table.ts';

/** Which pages are listed, and in which order; what is missing is not asked for. */
export interface PageFilter {
  /** In the path or the message; case does not count. */
  readonly search?: string;
  readonly outcome?: PageOutcome;
  readonly reason?: string;
  /** With its subfolders. */
  readonly folder?: string;
  readonly slot?: number;
  readonly mark?: 'unchanged' | 'notes' | 'earlier' | 'now';
  readonly sort?: 'slowest' | 'latest';
}

/** Places of the pages that meet all that the filter asks for. */
export function filterPages(pages: PageTable, filter: PageFilter): Uint32Array {
  const { search = '', outcome, reason, folder, slot, mark, sort } = filter;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Uint32Array(pages.length);
  let count = 0;
  for (let at = 0; at < pages.length; at += 1) {
    if (outcome !== undefined && pages.outcome(at) !== outcome) continue;
    if (slot !== undefined && pages.slot(at) !== slot) continue;
    if (reason !== undefined && pages.reason(at) !== reason) continue;
    if (folder !== undefined && !isWithin(pages.folder(at), folder)) continue;
    if (mark !== undefined && !isMarked(pages, at, mark)) continue;
    if (words.length > 0) {
      const text = pages.searched(at);
      if (!words.every((word) => text.includes(word))) continue;
    }
    found[count] = at;
    count += 1;
  }
  const kept = found.subarray(0, count);
  if (sort === 'slowest')
    return kept.sort((one, other) => (pages.seconds(other) ?? -1) - (pages.seconds(one) ?? -1));
  if (sort === 'latest')
    return kept.sort((one, other) => (pages.span(other)?.end ?? -1) - (pages.span(one)?.end ?? -1));
  return kept;
}

const isWithin = (folder: string, wanted: string): boolean =>
  folder === wanted || wanted === '' || folder.startsWith(`${wanted}/`);

function isMarked(pages: PageTable, at: number, mark: NonNullable<PageFilter['mark']>): boolean {
  switch (mark) {
    case 'unchanged':
      return pages.isUnchanged(at);
    case 'notes':
      return pages.notes(at).length > 0;
    case 'earlier':
      return pages.isEarlier(at);
    case 'now':
      return pages.span(at) !== undefined;
  }
}
