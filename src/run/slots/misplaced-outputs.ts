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
  const { pages, inInput, overInput } = misplaced;
  const isOver = inInput.length === 0;
  const [first = '', ...others] = isOver ? overInput : inInput;
  const more = others.length === 0 ? '' : ` and ${others.length} more image${others.length === 1 ? '' : 's'}`;
  const where = isOver ? 'over its input' : 'into its input folder';
  const options = isOver
    ? ["--outputs-in '{input}'"]
    : placesAmongPages({ pages, images: inInput })
        .slice(0, MOST_NAMED)
        .map((place) => optionsOf(place, pages));
  return cannotRun(
    `${who} ${first}${more} ${where}, and nothing where outputs are expected: the run stops before pages are translated a second time`,
    `if these are the translated pages, add ${options.join(' or ')}: they are kept, and used then; if not, --outputs-in '${told}'`,
  );
}

/** Where a translator is expected to leave its outputs, as `--outputs-in` has it. */
export const placeText = (translator: Pick<OneShotTranslator, 'outputsOf'>): string =>
  translator.outputsOf({ input: '{input}', output: '{output}' });

function optionsOf({ folder, isInEach, images }: PlaceAmongPages, pages: readonly string[]): string {
  const place = `--outputs-in ${singleQuoted(folder === '' ? '{input}' : `{input}/${folder}`)}`;
  const pattern = likelyPattern({ pages, images })?.pattern;
  const naming =
    pattern && !isOwnNames(pattern) ? ` --output-name ${singleQuoted(patternText(pattern))}` : '';
  return `${isInEach ? '--batch-layout folder ' : ''}${place}${naming}`;
}
