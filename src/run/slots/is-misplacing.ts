import { hasImageSuffix } from '../../pages/image-format.ts';
import { sameForm } from '../../pages/name-form.ts';
import { isOwnNames } from '../../pages/output-pattern.ts';
import { listFiles } from '../../workers/output-names.ts';
import { resultsAmongPages } from '../../workers/places-among-pages.ts';
import { areWhole, ENOUGH_IMAGES } from './are-whole.ts';
import { flattenedPages } from './flattened-pages.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { outputsElsewhere } from './outputs-elsewhere.ts';

/**
 * True for a child at work that makes translated pages where they are no outputs: among the pages that it was given, those of
 * several folders in one, or in a folder for results where it was started. Once in a run, and not after a page has come out where
 * outputs are expected.
 */
export async function isMisplacing(
  run: Pick<OneShotContext, 'naming' | 'told' | 'inspector'>,
  batch: Pick<
    LaidBatch,
    'translator' | 'folder' | 'folders' | 'slot' | 'outputs' | 'pages' | 'nameOf' | 'sourceBytes'
  >,
  others: readonly string[],
): Promise<boolean> {
  const { naming, told } = run;
  if (naming.hasMade || told.has('misplaced')) return false;
  const pages = [...batch.pages.keys()].map(batch.nameOf);
  const isSo =
    (await areFlattened(run, batch, { pages, others })) ||
    (await areInInput(run, batch, { pages, others })) ||
    (!others.some(hasImageSuffix) && (await outputsElsewhere(run, batch)).length > 0);
  if (isSo) told.add('misplaced');
  return isSo;
}

interface Made {
  /** Names of its pages in the batch. */
  readonly pages: readonly string[];
  /** Files in its output folder. */
  readonly others: readonly string[];
}

async function areFlattened(
  run: Pick<OneShotContext, 'naming' | 'inspector'>,
  { translator, outputs }: Pick<LaidBatch, 'translator' | 'outputs'>,
  { pages, others }: Made,
): Promise<boolean> {
  if (!translator.guessesLayout || !isOwnNames(run.naming.now)) return false;
  return areWhole(run, outputs, flattenedPages({ pages, images: others.filter(hasImageSuffix) }));
}

async function areInInput(
  run: Pick<OneShotContext, 'inspector'>,
  { translator, folder: { input } }: Pick<LaidBatch, 'translator' | 'folder'>,
  { pages, others }: Made,
): Promise<boolean> {
  if (!translator.guessesOutputs || others.some(hasImageSuffix)) return false;
  const own = new Set(pages.map(sameForm));
  const images = (await listFiles(input)).filter((name) => hasImageSuffix(name) && !own.has(sameForm(name)));
  return images.length >= ENOUGH_IMAGES && areWhole(run, input, resultsAmongPages({ pages, images }));
}
