import type { OneShotEnd } from '../../workers/one-shot-worker.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { endedWithRun } from './slot-context.ts';
import { mayBeOutputs, unnamedOutputs } from './unnamed-outputs.ts';

/** How a child ended, and what else is known of it. */
export interface UnnamedEnd extends OneShotEnd {
  /** Name in the batch of the page that its log named last. */
  readonly lastNamed: string | undefined;
  readonly isDiskFull: boolean;
}

/**
 * True where a child may have made its pages under names that nobody knows: its batch is kept for a run that does, and this
 * run ends.
 */
export async function keepUnnamed(
  run: OneShotContext,
  batch: LaidBatch,
  ended: UnnamedEnd,
): Promise<boolean> {
  const { fail, stop, keepWork, naming } = run;
  const images = batch.imagesOf(ended.others);
  if (naming.isProven || !mayBeOutputs(images, ended)) return false;
  keepWork();
  await batch.folder.keepUnnamed();
  const isStopped = ['drain', 'kill'].includes(ended.endedBy ?? '') || endedWithRun(ended.end, stop);
  if (!ended.isDiskFull && !isStopped)
    fail(unnamedOutputs(`${batch.translator.name} wrote`, images, { naming, inputs: batch.inputs }));
  return true;
}
