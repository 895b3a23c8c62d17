import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { singleQuoted } from '../../model/shell-quote.ts';
import { isOwnNames, patternText } from '../../pages/output-pattern.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import { type Misplaced, type PlaceAmongPages, placesAmongPages } from '../../workers/places-among-pages.ts';
import { likelyPattern } from '../../workers/understand-names.ts';

/** Places that are named at most: of a program that leaves masks and more, the likeliest. */
const MOST_NAMED = 2;

/**
 * The run's end where it has to be said first where outputs are. `who` has the verb (`translate.py wrote`).
 * @param told how the place where they were expected is given
 */
export function misplacedOutputs(who: string, misplaced: Misplaced, told: string): Refusal {
  const { inInput, overInput } = misplaced;
  const isOver = inInput.length === 0;
  const [first = '', ...others] = isOver ? overInput : inInput;
  const more = others.length === 0 ? '' : ` and ${others.length} more image${others.length === 1 ? '' : 's'}`;
  const where = isOver ? 'over its input' : 'into its input folder';
  const ways = waysToFind(misplaced).map(inWords);
  return cannotRun(
    `${who} ${first}${more} ${where}, and nothing where outputs are expected: the run stops before pages are translated a second time`,
    `if these are the translated pages, add ${ways.join(' or ')}: they are kept, and used then; if not, --outputs-in '${told}'`,
    [],
    onlyWay(misplaced),
  );
}

/** The options that find a child's images, where nothing else may be meant. */
export function onlyWay(misplaced: Misplaced): Readonly<Record<string, string>> {
  const [first = {}, second] = waysToFind(misplaced);
  return second === undefined ? first : {};
}

function waysToFind({ pages, inInput }: Misplaced): readonly Readonly<Record<string, string>>[] {
  if (inInput.length === 0) return [{ '--outputs-in': '{input}' }];
  return placesAmongPages({ pages, images: inInput })
    .slice(0, MOST_NAMED)
    .map((place) => optionsOf(place, pages));
}

/** Where a translator is expected to leave its outputs, as `--outputs-in` has it. */
export const placeText = (translator: Pick<OneShotTranslator, 'outputsOf'>): string =>
  translator.outputsOf({ input: '{input}', output: '{output}' });

function optionsOf(
  { folder, isInEach, images }: PlaceAmongPages,
  pages: readonly string[],
): Readonly<Record<string, string>> {
  const pattern = likelyPattern({ pages, images })?.pattern;
  return {
    ...(isInEach && { '--batch-layout': 'folder' }),
    '--outputs-in': folder === '' ? '{input}' : `{input}/${folder}`,
    ...(pattern && !isOwnNames(pattern) && { '--output-name': patternText(pattern) }),
  };
}

const inWords = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .map(([option, value]) => `${option} ${value.includes('{') ? singleQuoted(value) : value}`)
    .join(' ');
