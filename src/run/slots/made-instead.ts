import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import type { BatchFolders, OneShotTranslator } from '../../translators/translator.ts';
import { mainLine } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { type OtherImages, otherImages } from './other-images.ts';

/** With this exit code programs end that don't understand their arguments (argparse, click, getopt). */
const WRONG_USAGE = 2;

/** A batch as it was given to a child. */
export interface GivenBatch {
  readonly slot: Slot;
  readonly folders: BatchFolders;
  readonly translator: OneShotTranslator;
  /** A page's relative name in the batch. */
  readonly nameOf: (page: PageId) => string;
  /** Size of the source of each of its pages, in bytes. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  /** Pages that it got copies of. */
  readonly copies: ReadonlySet<PageId>;
}

/** What the child made instead of the outputs that are missing; told once where it made no output at all. */
export async function madeInstead(
  { told, emit, outputRoot }: OneShotContext,
  { folders, translator, nameOf, sourceBytes, copies }: GivenBatch,
  { others, finished }: Pick<OneShotEnd, 'others' | 'finished'>,
): Promise<OtherImages> {
  const found = await otherImages({
    others,
    input: folders.input,
    pages: sourceBytes.keys(),
    nameInBatch: nameOf,
    sourceBytes,
    copies,
    isOutputPlace: translator.outputsAmongPages !== undefined,
  });
  const [first] = [...found.inOutput, ...found.inInput];
  if (first !== undefined && finished.length === 0 && !told.has('other-names')) {
    told.add('other-names');
    const text = `${translator.name} wrote ${first}, which is not the name of a page. Such images are kept in ${outputRoot}, but don't count as outputs.`;
    emit({ type: 'notice', level: 'warn', text });
  }
  return found;
}

/**
 * Passes on what a child said that made no output: it may not have understood its arguments, or seen its pages. True where it
 * refused its arguments before it came to any page: no other start would fare better, and the run ends.
 */
export async function hearWhyNothing(
  { unseen, naming, fail }: Pick<OneShotContext, 'unseen' | 'naming' | 'fail'>,
  { slot, folders, translator, nameOf, sourceBytes }: GivenBatch,
  {
    end,
    lastLines: lines,
    named,
    broken,
    mayReadOneLevel,
  }: Pick<OneShotEnd, 'end' | 'lastLines' | 'named' | 'broken'> & { readonly mayReadOneLevel: boolean },
): Promise<boolean> {
  const complaint = await translator.complaint?.(folders, lines);
  if (complaint !== undefined) {
    const isWithoutSign = named.length + broken.size === 0;
    const isUsage = end.by === 'exit' && end.code === WRONG_USAGE && complaint.isOfArguments === true;
    if (isUsage && isWithoutSign && !naming.hasMade) {
      const words = mainLine(lines).replace(/^.*?\berror:\s*/i, '');
      fail(cannotRun(`${translator.name} refuses its arguments: ${words}`, complaint.text));
      return true;
    }
    unseen.complained(complaint.text);
    return false;
  }
  const { file, args } = translator.command(folders, slot);
  unseen.heard({
    program: translator.name,
    command: [file, ...args],
    lines,
    names: [...sourceBytes.keys()].map((page) => path.basename(nameOf(page))),
    hasNamed: named.length > 0,
    output: translator.outputsOf(folders),
    mayReadOneLevel,
  });
  return false;
}
