import path from 'node:path';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { sameForm } from '../../pages/name-form.ts';
import { type ChangedCopy, changedCopies, removedCopies } from '../../store/outputs/changed-copies.ts';
import { movedOriginals } from '../../store/outputs/moved-originals.ts';
import type { FoundOutput } from '../../workers/found-output.ts';
import { tellsException } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import { listFiles } from '../../workers/output-names.ts';
import { GIVE_COPIES, movedInput, overwritesInput, removesInput, TAKE_COPIES } from './copy-given.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';

/** What happened to fewer pages was hardly the program's work on them. */
const ENOUGH_OF_BATCH = 0.9;

/** A batch after its child's end. */
interface AfterChild {
  readonly ended: OneShotEnd;
  /** A page came out that is no copy of its source. */
  readonly hasTranslated: boolean;
  /** Puts what was written in a page's place on record. */
  readonly record: (found: FoundOutput) => Promise<void>;
}

/**
 * Looks at what a child did to its input. A program on trial that left it alone has passed where it translated a page. Pages that
 * were written over are outputs where the child ended well, wrote over nearly all of them, and wrote nothing else: such a program
 * gets copies from then on. Any other that wrote over what stands for originals, moved or removed it ends the run, as does one that
 * moved originals into the batch: true then.
 */
export async function judgeInput(
  run: OneShotContext,
  batch: LaidBatch,
  { ended, hasTranslated, record }: AfterChild,
): Promise<boolean> {
  const { links, fail, keepWork } = run;
  const { folder, translator, given, isTrial } = batch;
  const moved = await movedOriginals(folder, batch.linked);
  if (moved.length > 0) {
    keepWork();
    await folder.keepOriginals();
    const names = moved.map(({ id }) => id);
    fail(movedInput(translator.name, names, path.dirname(folder.input)));
    return true;
  }
  const isAllItMade = madeNothingElse(ended);
  if (!isTrial && !isAllItMade) return false;
  const changed = await changedCopies({ batch: folder, pages: given });
  const spoiled = changed.filter(({ isThroughLink }) => isThroughLink);
  // Without links, copies are what it gets, and no original is behind them.
  const removed = isTrial && !links.copies ? await removedCopies({ batch: folder, pages: given }) : [];
  // What it wrote over in place of a page of an archive says what it would do to a link.
  if (changed.some(({ page }) => page.entry)) links.wroteOver();
  if (spoiled.length + removed.length === 0 && isTrial && hasTranslated) links.passedTrial();
  const isNearlyAll = changed.length > 0 && changed.length >= given.length * ENOUGH_OF_BATCH;
  const areOutputs = isAllItMade && isNearlyAll && !(await hasOtherImages(folder.input, given));
  const outputs = areOutputs ? await wholeOnes(run, changed) : [];
  if (outputs.length > 0) {
    links.takeOutputsFromNowOn();
    tellTaken(run, translator.name, outputs);
  }
  for (const output of outputs) await record(output);
  if (outputs.length > 0) return false;
  if (spoiled.length === 0 && removed.length > 0) {
    const gone = removed.map(({ id }) => id);
    fail(removesInput(translator.name, gone));
    return true;
  }
  if (spoiled.length === 0) return false;
  const isNothingElse = ended.finished.length + ended.others.length === 0;
  const mayBeOutputs =
    translator.guessesOutputs && isNothingElse && (await wholeOnes(run, spoiled)).length > 0;
  if (mayBeOutputs) {
    keepWork();
    await folder.keepUnnamed();
  }
  const names = spoiled.map(({ page }) => page.id);
  fail(overwritesInput(translator.name, names, mayBeOutputs ? TAKE_COPIES : GIVE_COPIES));
  return true;
}

function madeNothingElse({ end, endedBy, finished, broken, others, lastLines }: OneShotEnd): boolean {
  const isGood = endedBy === undefined && end.by === 'exit' && end.code === 0 && !tellsException(lastLines);
  return isGood && finished.length + broken.size + others.length === 0;
}

/** True where there are images beside the pages: these may be what it made, rather than what it did to its pages. */
async function hasOtherImages(input: string, given: readonly { readonly name: string }[]): Promise<boolean> {
  const own = new Set(given.map(({ name }) => sameForm(name)));
  return (await listFiles(input)).some((name) => hasImageSuffix(name) && !own.has(sameForm(name)));
}

async function wholeOnes(
  { inspector }: Pick<OneShotContext, 'inspector'>,
  changed: readonly ChangedCopy[],
): Promise<FoundOutput[]> {
  const looks = await inspector.verify(changed.map(({ path }) => path));
  return changed.flatMap(({ page, name, path }, at): FoundOutput[] => {
    const verdict = looks[at]?.verdict;
    if (verdict === undefined || !('whole' in verdict) || !verdict.whole || !verdict.endChecked) return [];
    const { whole: _whole, ...found } = verdict;
    return [{ page: page.id, name, path, writtenMs: performance.now(), equalsSource: false, ...found }];
  });
}

function tellTaken({ told, emit }: OneShotContext, program: string, outputs: readonly FoundOutput[]): void {
  if (told.has('over-input')) return;
  told.add('over-input');
  const text = `${program} writes into {input}, over ${outputs[0]?.name ?? 'its pages'}, and nothing into {output}: what it wrote there counts as its output.`;
  emit({ type: 'notice', level: 'warn', text });
}
