import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import { type BatchFolder, batchNamesOf } from '../../store/outputs/batch-folder.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import type { OneShotEnd } from '../../workers/one-shot-worker.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { type OtherImages, otherImages } from './other-images.ts';

/** A batch as it was given to a child. */
export interface GivenBatch {
  readonly slot: Slot;
  readonly folder: BatchFolder;
  readonly translator: OneShotTranslator;
  /** Size of the source of each of its pages, in bytes. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  /** Pages that it got copies of. */
  readonly copies: ReadonlySet<PageId>;
}

/** What the child made instead of the outputs that are missing; told once where it made no output at all. */
export async function madeInstead(
  { told, emit, outputRoot, naming }: OneShotContext,
  { folder, translator, sourceBytes, copies }: GivenBatch,
  { others, finished }: Pick<OneShotEnd, 'others' | 'finished'>,
): Promise<OtherImages> {
  const found = await otherImages({
    others,
    input: folder.input,
    pages: sourceBytes.keys(),
    nameInBatch: batchNamesOf(translator, naming).nameInBatch,
    sourceBytes,
    copies,
  });
  const [first] = [...found.inOutput, ...found.inInput];
  if (first !== undefined && finished.length === 0 && !told.has('other-names')) {
    told.add('other-names');
    const text = `${translator.name} wrote ${first}, which is not the name of a page. Such images are kept in ${outputRoot}, but don't count as outputs.`;
    emit({ type: 'notice', level: 'warn', text });
  }
  return found;
}

/** Passes on the last lines of a child that made no output: it may not have seen its pages. */
export function hearWhyNothing(
  { unseen, naming }: OneShotContext,
  { slot, folder, translator, sourceBytes }: GivenBatch,
  lines: readonly string[],
): void {
  const { file, args } = translator.command(folder, slot);
  const { nameInBatch } = batchNamesOf(translator, naming);
  const names = [...sourceBytes.keys()].map((page) => path.basename(nameInBatch(page)));
  unseen.heard({ command: [file, ...args], lines, names });
}
