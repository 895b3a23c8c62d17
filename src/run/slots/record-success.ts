import { tooManyOpenFiles } from '../../model/open-files.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Page } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import type { ResultCheck } from '../../pages/inspector.ts';
import type { EndOfPage, MadeOutput } from '../../store/outputs/recorder.ts';
import { type SlotContext, tellBenched } from './slot-context.ts';

/** How a page fails whose translator found text and returned none of it. */
export const NOTHING_BACK = { reason: 'error', message: 'the translator gave nothing back' } as const;

/** A page that came out of its translator. */
export interface FinishedPage {
  readonly page: Page;
  readonly outcome: Exclude<Outcome, 'failed'>;
  /** Null where no file is right for it. */
  readonly output: MadeOutput | null;
  readonly end: EndOfPage;
  /** The source after the translator had it, where somebody looked. */
  readonly source?: ResultCheck['source'];
}

/**
 * Puts a page on record and lets its schedule know. What stands in its way is the page's own failure, or ends the run where it
 * is everybody's. True where the page is on record as it came out, with its output moved. Never rejects.
 */
export async function recordSuccess(
  run: SlotContext,
  slot: Slot,
  { page, outcome, output, end, source }: FinishedPage,
): Promise<boolean> {
  const { recorder, dispatcher, fail, redact } = run;
  try {
    const instead = await recorder.finished(page, outcome, output, {
      ...end,
      ...(source !== undefined && { source }),
    });
    if (instead === undefined) {
      tellBenched(run, dispatcher.finished(slot, page.id, end.seconds));
      return true;
    }
    await recorder.failed(page, instead.reason, { ...end, message: instead.message });
  } catch (error) {
    const trouble = tooManyOpenFiles(error) ?? error;
    if (trouble instanceof Refusal) fail(trouble);
    else {
      const message = redact((trouble as Error).message);
      await recorder.failed(page, 'error', { ...end, message }).catch(fail);
    }
  }
  return false;
}
