import type { Page, PageId } from '../../model/page.ts';
import { unnamedInBatch } from '../../store/outputs/unnamed-outputs.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import { likelyPatterns, patternToSuggest } from '../../workers/understand-names.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { endedWithRun } from './slot-context.ts';
import { isInputOf, mayBeOutputs, unnamedOutputs } from './unnamed-outputs.ts';

/** How a child ended, and what else is known of it. */
export interface UnnamedEnd extends OneShotEnd {
  /** Name in the batch of the page that its log named last. */
  readonly lastNamed: string | undefined;
  readonly isDiskFull: boolean;
  /** Pages that nobody has told of. */
  readonly open: readonly Page[];
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
  const { fail, stop, keepWork, naming, optionsHash, inspector } = run;
  const { folder, translator, inputs } = batch;
  if (naming.isProven) return false;
  if (['drain', 'kill'].includes(ended.endedBy ?? '') || endedWithRun(ended.end, stop)) {
    // The next run judges it as that of a killed one.
    const todo = new Map<PageId, Page>(ended.open.map((page) => [page.id, page]));
    const setup = { todo, optionsHash, names: batch.names, leaver: translator, inspector };
    const found = await unnamedInBatch(folder, setup);
    if (!found) return false;
    naming.suggest(patternToSuggest(likelyPatterns(found, isInputOf(inputs))));
    folder.keep();
    keepWork();
    return true;
  }
  const images = batch.imagesOf(ended.others);
  if (!mayBeOutputs(images, ended)) return false;
  keepWork();
  await folder.keepUnnamed();
  if (!ended.isDiskFull) fail(unnamedOutputs(`${translator.name} wrote`, images, { naming, inputs }));
  return true;
}
