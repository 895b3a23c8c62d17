import type { AttemptResult, Beside, PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Page } from '../../model/page.ts';
import { tellsOutOfMemory } from '../../translators/out-of-memory.ts';
import { failureOf, type Limits, type LostChild, lastWordsOf } from './one-shot-failure.ts';

/** A batch whose child ended by itself with pages undone. */
interface LostBatch {
  readonly batch: WorkAssignment;
  /** Pages that nobody has told of. */
  readonly undone: readonly Page[];
  /** Pages that the child told of as failed. */
  readonly failed: readonly PageFailure[];
  /** Who was beside it, where it ended before it came to any page. */
  readonly beside: Beside | undefined;
  readonly limits: Limits;
}

/** What became of a batch whose child left pages undone: a page alone in its hands failed, of several its evidence tells. */
export function lostBatch(
  ended: LostChild,
  { batch, undone, failed, beside, limits }: LostBatch,
): AttemptResult {
  const { end, endedBy, finished, named, broken, lastLines } = ended;
  // One that ran into a page's limit had the time to start that others need.
  const withoutSign = finished.length + named.length + broken.size === 0 && endedBy !== 'page-timeout';
  const lastWords = lastWordsOf(ended, limits);
  const isOutOfMemory = tellsOutOfMemory(lastLines);
  const lost = { withoutSign, lastWords, lastLines, isStuck: end.by === 'stuck', isOutOfMemory };
  const [page] = undone;
  const alone =
    batch.pages.length === 1 && page
      ? { page, ...failureOf(ended, broken.get(page.id), limits), cause: lastWords, streak: 1, isFresh: true }
      : undefined;
  if (withoutSign && beside && failed.length === 0) {
    return { by: 'no-start', remaining: undone, lost, beside, ...(alone && { alone }) };
  }
  const evidence = { ...ended, pages: alone ? [] : undone };
  return { by: 'lost', failed: alone ? [...failed, alone] : failed, evidence, lost };
}
