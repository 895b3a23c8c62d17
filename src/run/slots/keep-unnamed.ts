import type { OneShotEnd } from '../../workers/one-shot-worker.ts';
import type { ChildImages } from '../../workers/understand-names.ts';
import type { GivenBatch } from './made-instead.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { endedWithRun } from './slot-context.ts';
import { mayBeOutputs, unnamedOutputs } from './unnamed-outputs.ts';

/** How a child ended, and what else is known of it. */
interface UnnamedEnd extends OneShotEnd {
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
  { folder, translator }: GivenBatch,
  images: ChildImages,
  ended: UnnamedEnd,
): Promise<boolean> {
  const { fail, stop, keepWork, naming } = run;
  if (naming.isProven || !mayBeOutputs(images, ended)) return false;
  keepWork();
  await folder.keepUnnamed();
  const isStopped = ['drain', 'kill'].includes(ended.endedBy ?? '') || endedWithRun(ended.end, stop);
  if (!ended.isDiskFull && !isStopped) fail(unnamedOutputs(`${translator.name} wrote`, images, run));
  return true;
}
