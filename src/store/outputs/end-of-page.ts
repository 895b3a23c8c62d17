import type { PageFinished } from '../../model/events.ts';
import type { FailureReason, Outcome } from '../../model/outcome.ts';
import { type PageId, shownOutput } from '../../model/page.ts';
import type { SlotId } from '../../model/slot.ts';
import { steadyTime } from '../../model/steady-clock.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';

/** What is known of a page's end besides its outcome. */
export type EndOfPage = Pick<
  PageFinished,
  | 'slot'
  | 'attempt'
  | 'seconds'
  | 'width'
  | 'height'
  | 'stages'
  | 'peakMemoryBytes'
  | 'notes'
  | 'waitSeconds'
  | 'staged'
  | 'message'
  | 'recovered'
>;

/** An end, and what the page has cost, where that is known. */
interface PaidEnd {
  readonly end: EndOfPage;
  readonly cost: number | undefined;
}

/** How a page came out. */
interface GoodEnd extends PaidEnd {
  readonly outcome: Exclude<Outcome, 'failed'>;
  /** Where its output is, relative to the output root; null where it has none. */
  readonly at: string | null;
  /** The output equals its source. */
  readonly unchanged: boolean;
}

/** How a page failed; `notes` are added to its message. */
interface FailedEnd extends PaidEnd {
  readonly reason: FailureReason;
  readonly notes: readonly (string | undefined)[];
}

/** The event of a page that came out. */
export const outcomeEvent = (page: PageId, { end, cost, outcome, at, unchanged }: GoodEnd): PageFinished => ({
  type: 'page-finished',
  page,
  ...end,
  ...(cost !== undefined && { cost }),
  outcome,
  ...(at !== null && { output: shownOutput(at) }),
  ...(unchanged && { unchanged }),
});

/** The event of a page that failed. */
export function failureEvent(page: PageId, { end, cost, reason, notes }: FailedEnd): PageFinished {
  const { message, ...rest } = end;
  const words = [message, ...notes].filter((text) => text !== undefined && text !== '');
  return {
    type: 'page-finished',
    page,
    ...rest,
    ...(cost !== undefined && { cost }),
    outcome: 'failed',
    reason,
    ...(words.length > 0 && { message: words.join('; ') }),
  };
}

/** What a ledger line has besides its event. */
interface Written {
  /** What the page was made from, and what came of it. */
  readonly made: Pick<LedgerLine, 'source' | 'output' | 'standIn'>;
  /** The GPU that a slot is on; null is the CPU. */
  readonly gpuOf: (slot: SlotId) => number | null;
  /** Of the options that shape the result. */
  readonly optionsHash: string;
}

/** A page's end as the ledger has it, at this time. */
export function ledgerLineOf(event: PageFinished, { made, gpuOf, optionsHash }: Written): LedgerLine {
  const { output: _name, recovered: _recovered, waitSeconds: _wait, staged: _staged, ...told } = event;
  const { notes: _notes, ...rest } = told;
  return {
    ...rest,
    ...(rest.slot !== undefined && { gpu: gpuOf(rest.slot) }),
    time: steadyTime(),
    ...made,
    options: optionsHash,
  };
}
