import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { sameForm } from '../../pages/name-form.ts';
import { stemOf } from '../../pages/output-name.ts';
import { beginsEnding, isOwnNames } from '../../pages/output-pattern.ts';
import { kindOfEnding } from '../../workers/ending-kind.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import type { ChildImages } from '../../workers/understand-names.ts';
import type { LaidBatch } from './laid-batch.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { endedWithRun } from './slot-context.ts';

/** One may be a cover, or whatever else. */
const FEWEST_IMAGES = 2;

/**
 * The images that a child wrote under file names of pages from folders, beside each other and not in these folders: which page each is
 * of, nobody can tell. None where any page has its own place there. Pure.
 */
export function flattenedPages({ pages, images }: ChildImages): readonly string[] {
  const stems = pages.map((page) => sameForm(stemOf(page)));
  const whole = new Set(stems);
  const inFolders = new Set(stems.filter((stem) => stem.includes('/')).map(baseOf));
  const found: string[] = [];
  for (const image of images) {
    const stem = sameForm(stemOf(image));
    if (whole.has(stem)) return [];
    if (!stem.includes('/') && isNamedAfter(inFolders, stem)) found.push(image);
  }
  const isEnough = found.length >= FEWEST_IMAGES || (inFolders.size < FEWEST_IMAGES && found.length > 0);
  return isEnough ? found : [];
}

/** True for a page's name, with an ending that something made on the way to a page does not have. */
function isNamedAfter(names: ReadonlySet<string>, stem: string): boolean {
  if (names.has(stem)) return true;
  const ends = Array.from({ length: stem.length }, (_, at) => stem.slice(at)).filter(beginsEnding);
  return ends.some(
    (after) =>
      names.has(stem.slice(0, -after.length)) &&
      !['step', 'passing'].includes(kindOfEnding({ before: '', after })),
  );
}

const baseOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** True where a child, which ended with no output, wrote the pages of all folders into one: the run ends. */
export function tellFlattened(
  { naming, stop, fail }: Pick<OneShotContext, 'naming' | 'stop' | 'fail'>,
  { translator, imagesOf }: Pick<LaidBatch, 'translator' | 'imagesOf'>,
  { end, endedBy, finished, broken, others }: OneShotEnd,
): boolean {
  if (!translator.guessesLayout || !isOwnNames(naming.now) || finished.length + broken.size > 0) return false;
  if (endedBy === 'drain' || endedBy === 'kill' || endedWithRun(end, stop)) return false;
  const images = flattenedPages(imagesOf(others));
  if (images.length === 0) return false;
  fail(writesOneLevel(translator.name, images));
  return true;
}

function writesOneLevel(program: string, [first = '']: readonly string[]): Refusal {
  return cannotRun(
    `${program} wrote ${first}, and pages of that name are in folders: it seems to write all pages into one folder, one over another`,
    'add --batch-layout folder (one folder at a time) or --batch-layout flat (all pages in one folder, under names of their own)',
    [],
    { '--batch-layout': 'folder' },
  );
}
