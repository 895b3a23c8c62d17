import type { PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import { errorMessage } from '../../model/error-code.ts';
import { tooManyOpenFiles } from '../../model/open-files.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Page } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';
import type { ResultCheck } from '../../pages/inspector.ts';
import { stemOf } from '../../pages/output-name.ts';
import type { EndOfPage } from '../../store/outputs/end-of-page.ts';
import type { MadeOutput } from '../../store/outputs/recorder.ts';
import type { FoundOutput } from '../../workers/found-output.ts';
import { applyDecision } from './apply-decision.ts';
import type { SlotContext } from './slot-context.ts';

/** How a page fails whose translator found text and returned none of it. */
export const NOTHING_BACK = { reason: 'error', message: 'the translation is empty' } as const;

/** A page that came out of its translator. */
export interface FinishedPage {
  readonly page: Page;
  readonly outcome: Exclude<Outcome, 'failed'>;
  /** Null where no file is right for it. */
  readonly output: MadeOutput | null;
  readonly end: EndOfPage;
  /** The source after the translator had it, where somebody looked. */
  readonly source?: ResultCheck['source'];
  /** From its worker's start to its first page, where this is that page. */
  readonly loadSeconds?: number | undefined;
}

/** What became of a page that should be put on record. */
type Recorded =
  | { readonly by: 'done' }
  /** Something of its own stands in its way. */
  | { readonly by: 'failed'; readonly failure: PageFailure }
  /** The run ends: the page is left as it is. */
  | { readonly by: 'left' };

/** A page's output as its child left it: under another name in the batch it still goes where the page belongs, with the suffix that it came with. */
export function madeOutputOf(page: Page, found: FoundOutput): MadeOutput {
  const { path: file, name, bytes, format, isLink, equalsSource = false } = found;
  return {
    path: file,
    name: `${stemOf(page.id)}${name.slice(stemOf(name).length)}`,
    bytes,
    equalsSource,
    ...(format && { format }),
    ...(isLink && { isLink }),
  };
}

/** Puts a page on record as it came out, with its output moved, and tells the dispatcher. Never rejects. */
export async function recordSuccess(
  run: SlotContext,
  assignment: WorkAssignment,
  { page, outcome, output, end, source, loadSeconds }: FinishedPage,
): Promise<Recorded> {
  const { recorder, dispatcher, fail, redact, unseen, costs } = run;
  unseen.worked();
  try {
    const details = { ...end, ...(source !== undefined && { source }) };
    const instead = await recorder.finished(page, outcome, output, details);
    if (instead) return { by: 'failed', failure: ownFailure(page, instead) };
  } catch (error) {
    const trouble = tooManyOpenFiles(error) ?? error;
    if (trouble instanceof Refusal) {
      fail(trouble);
      return { by: 'left' };
    }
    const message = redact(errorMessage(trouble));
    return { by: 'failed', failure: ownFailure(page, { reason: 'error', message }) };
  }
  if (end.peakMemoryBytes !== undefined) costs.held(assignment.slot.id, page.id, end.peakMemoryBytes);
  run.stage?.pageTook(end.seconds);
  const load = loadSeconds !== undefined && { loadSeconds };
  const { seconds, peakMemoryBytes: peakBytes } = end;
  const decision = dispatcher.pageDone(assignment, page, { seconds, peakBytes, ...load });
  await applyDecision(run, assignment.slot, decision);
  return { by: 'done' };
}

const ownFailure = (page: Page, why: Pick<PageFailure, 'reason' | 'message'>): PageFailure => ({
  page,
  ...why,
  streak: 1,
  isFresh: false,
  isOwn: true,
});

/** A page that is no image, can't be read, or can't be placed under its name (`isRefused`): no process has it. */
export const unreadablePage = (
  page: Page,
  { message, isRefused }: { readonly message: string; readonly isRefused?: true },
): PageFailure => ({
  page,
  reason: isRefused ? 'error' : 'unreadable',
  message,
  streak: 0,
  isFresh: false,
});
