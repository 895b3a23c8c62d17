import type { Page, PageId } from '../model/page.ts';
import type { OneShotEnd } from '../workers/one-shot-end.ts';

/** What is known of a batch of several pages after its child ended. */
export type BatchEvidence = Pick<OneShotEnd, 'finished' | 'named' | 'outputsSinceNamed' | 'broken'> & {
  /** In the order of the schedule. */
  readonly pages: readonly Page[];
};

export interface Suspicion {
  /** Pages that the child had in hand: each runs alone, and only that run counts. */
  readonly suspects: Page[];
  /** Pages that it never came to. */
  readonly back: Page[];
}

/** Above this many outputs since the last naming, the names are a list and not the work's progress. */
const NAMES_LAG_OUTPUTS = 1;

/**
 * Tells the pages that a child of a batch had in hand from those that it never came to. It had in hand: a page that it
 * left a broken output of, a page that it passed over (one that comes later by its own order is finished), and where
 * pages are left beyond these, the one it was on: the page named last and the first that it named since its last output, else
 * the first without output.
 */
export function suspectsOf({ pages, finished, named, outputsSinceNamed, broken }: BatchEvidence): Suspicion {
  const done = new Set(finished);
  const unfinished = pages.filter((page) => !done.has(page.id));
  const namesFollowWork = named.length > 0 && outputsSinceNamed <= NAMES_LAG_OUTPUTS;
  const order = namesFollowWork ? named : orderOfOutputs(pages, finished);
  const passed = passedOver(order, done);
  const inHand = new Set(
    unfinished.filter((page) => broken.has(page.id) || passed.has(page.id)).map(({ id }) => id),
  );

  const beyond = unfinished.filter((page) => !inHand.has(page.id));
  const lastNamed = namesFollowWork ? named.at(-1) : undefined;
  // What it went on from without an output may have broken it for all that it named afterwards.
  const stuckOn = lastNamed === undefined ? undefined : named[named.findLastIndex((id) => done.has(id)) + 1];
  if (stuckOn !== undefined) inHand.add(stuckOn);
  // Where the page named last is among those in hand already, the child was on that one when it ended.
  if (lastNamed === undefined || done.has(lastNamed)) {
    const [first] = beyond;
    if (first) inHand.add(first.id);
  } else inHand.add(lastNamed);

  return {
    suspects: unfinished.filter((page) => inHand.has(page.id)),
    back: unfinished.filter((page) => !inHand.has(page.id)),
  };
}

/** The schedule's order, where the outputs came in it; else no order is known. */
function orderOfOutputs(pages: readonly Page[], finished: readonly PageId[]): readonly PageId[] {
  const rank = new Map(pages.map((page, index) => [page.id, index]));
  const ranks = finished.map((id) => rank.get(id) ?? -1);
  const rising = ranks.every((value, index) => index === 0 || value > (ranks[index - 1] ?? -1));
  // A single output proves no order, and two or three of many rise by chance: a child seldom passes over more than it does.
  const isProof = ranks.length > 1 && (ranks.at(-1) ?? 0) < 2 * ranks.length;
  return rising && isProof ? pages.map(({ id }) => id) : [];
}

function passedOver(order: readonly PageId[], done: ReadonlySet<PageId>): ReadonlySet<PageId> {
  const last = order.findLastIndex((id) => done.has(id));
  return new Set(order.slice(0, Math.max(0, last)).filter((id) => !done.has(id)));
}
