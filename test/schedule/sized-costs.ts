import type { PageId } from '../../src/model/page.ts';
import { Costs } from '../../src/schedule/costs.ts';

/** Costs of pages that differ: one that costs 1 has a megapixel. Of none all are alike. */
export function sizedCosts(ids: Iterable<PageId>, costOf: (page: PageId) => number): Costs {
  const costs = new Costs();
  for (const id of ids) costs.sized(id, costOf(id) * 1e6);
  costs.allSized();
  return costs;
}
