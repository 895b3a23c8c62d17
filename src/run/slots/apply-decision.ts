import type { Decision } from '../../dispatch/assignment.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import { shorten } from '../../report/escape.ts';
import type { SlotContext } from './slot-context.ts';

/** Of the last words of a device's workers: they stand on one line. */
const SHOWN_CHARACTERS = 300;

/** What decisions are carried out with. */
export type DecisionContext = Pick<SlotContext, 'emit' | 'recorder' | 'fail'> &
  Partial<Pick<SlotContext, 'unseen'>>;

/** Tells and records what follows from a result, and ends the run where nothing can go on. Decides nothing, never rejects. */
export async function applyDecision(
  { emit, recorder, fail, unseen }: DecisionContext,
  teller: Slot,
  decision: Decision,
): Promise<void> {
  const { retried, failed, benched, retired, waits, hopeless } = decision;
  for (const { page, slot = teller.id, reason, message, attempts } of retried) {
    emit({ type: 'page-retried', page: page.id, slot, attempt: attempts, reason, message });
  }
  for (const { gpu, why } of benched) emit({ type: 'gpu-benched', gpu, reason: oneLine(why) });
  for (const { slot, why, by } of retired)
    emit({ type: 'slot-retired', slot: slot.id, why, ...(by && { by }) });
  if (waits) emit({ type: 'service-waiting', seconds: waits.seconds, message: oneLine(waits.message) });
  for (const { page, slot, reason, message, attempts } of failed) {
    const end = { attempt: attempts, message, ...(slot !== undefined && { slot }) };
    await recorder.failed(page, reason, end).catch(fail);
  }
  if (hopeless) fail(cannotRun(hopeless.message, unseen?.hint ?? hopeless.hint, hopeless.lines.map(oneLine)));
}

const oneLine = (words: string): string => shorten(words.trim(), SHOWN_CHARACTERS);
