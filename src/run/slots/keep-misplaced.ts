import { changedCopies } from '../../store/outputs/changed-copies.ts';
import { likelyOutputs } from '../../workers/places-among-pages.ts';
import type { UnnamedEnd } from './keep-unnamed.ts';
import type { LaidBatch } from './laid-batch.ts';
import { misplacedOutputs, onlyWay, placeText } from './misplaced-outputs.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { otherImages } from './other-images.ts';
import { endedWithRun } from './slot-context.ts';
import { mayBeOutputs } from './unnamed-outputs.ts';

/**
 * True where a child may have made its pages among those that it was given, though nobody has said so: its batch is kept for a
 * run that is told, and this run ends.
 */
export async function keepMisplaced(
  run: OneShotContext,
  batch: LaidBatch,
  ended: UnnamedEnd,
): Promise<boolean> {
  const { fail, stop, keepWork, naming, told } = run;
  const { translator, folder, sourceBytes, nameOf } = batch;
  const mayBe = !naming.hasMade || told.has('over-input');
  if (!translator.guessesOutputs || !mayBe || ended.finished.length > 0) return false;
  const found = await otherImages({
    others: [],
    input: folder.input,
    pages: sourceBytes.keys(),
    nameInBatch: nameOf,
    sourceBytes,
    copies: batch.copies,
  });
  const changed = await changedCopies({ batch: folder, pages: batch.given });
  const overInput = changed.map(({ name }) => name);
  const misplaced = { ...found, overInput, pages: [...batch.pages.keys()].map(nameOf) };
  const isStopped = ['drain', 'kill'].includes(ended.endedBy ?? '') || endedWithRun(ended.end, stop);
  if (!mayBeOutputs(likelyOutputs(misplaced, { cut: isStopped }), ended)) return false;
  keepWork();
  await folder.keepUnnamed();
  if (isStopped) naming.suggestPlace(onlyWay(misplaced));
  else if (!ended.isDiskFull)
    fail(misplacedOutputs(`${translator.name} wrote`, misplaced, placeText(translator)));
  return true;
}
