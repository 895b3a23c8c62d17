import type { PageFailure } from '../../dispatch/assignment.ts';
import type { Page, PageId } from '../../model/page.ts';

/**
 * The pages that a program told of as failed, each with its place in a streak. Only the failures that no good page followed,
 * to the program's end, are a streak: whatever came before did not break it. Pure.
 *
 * @param pages in the order in which the program takes them
 */
export function toldInOrder(
  pages: readonly Page[],
  {
    told,
    finished,
  }: {
    readonly told: ReadonlyMap<PageId, Pick<PageFailure, 'reason' | 'message'>>;
    readonly finished: readonly PageId[];
  },
): PageFailure[] {
  const done = new Set(finished);
  const lastDone = pages.findLastIndex(({ id }) => done.has(id));
  let streak = 0;
  return pages.flatMap((page, at) => {
    const why = told.get(page.id);
    if (!why) return [];
    if (at < lastDone) return [{ page, ...why, streak: 1, isFresh: false }];
    streak += 1;
    return [{ page, ...why, streak, isFresh: done.size === 0 && streak === 1 }];
  });
}
