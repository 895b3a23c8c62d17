import type { Page } from '../model/page.ts';
import type { AttemptResult } from './assignment.ts';
import type { Held } from './in-flight.ts';

/**
 * Each page of an assignment is told of exactly once.
 * @throws Error where a page is told of twice, or not at all: a bug of the slot
 */
export function assertAccounted({ assignment, open }: Held, result: AttemptResult): void {
  const left = new Set(open);
  for (const page of pagesOf(result)) {
    if (!left.delete(page))
      throw new Error(`${assignment.slot.id} told of ${page.id} twice, or has not got it`);
  }
  const [forgotten] = left;
  if (forgotten) throw new Error(`${assignment.slot.id} said nothing of ${forgotten.id}`);
}

function pagesOf(result: AttemptResult): readonly Page[] {
  switch (result.by) {
    case 'ended':
    case 'returned':
      return [...(result.failed ?? []).map(({ page }) => page), ...result.remaining];
    case 'busy':
      return [result.page, ...result.remaining];
    case 'no-start':
      return result.remaining;
    case 'lost': {
      const failed = result.failed.map(({ page }) => page);
      const done = new Set(result.evidence.finished);
      const told = new Set(failed);
      return [...failed, ...result.evidence.pages.filter((page) => !done.has(page.id) && !told.has(page))];
    }
  }
}
