import type { PageId } from '../model/page.ts';

/** What earlier runs made of the pages: who knows it judges what fails now more fairly. */
export interface EarlierOutcomes {
  /** True for a page that failed in an earlier run: that it fails again says nothing of the others. */
  readonly hasFailed: (page: PageId) => boolean;
  /** True where pages were done before: something has worked here. */
  readonly hasDone: () => boolean;
}

/** A first run. */
export const NOTHING_EARLIER: EarlierOutcomes = { hasFailed: () => false, hasDone: () => false };
