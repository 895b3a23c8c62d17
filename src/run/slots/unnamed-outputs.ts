import type { Emit } from '../../model/events.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { singleQuoted } from '../../model/shell-quote.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { sameForm } from '../../pages/name-form.ts';
import { stemOf } from '../../pages/output-name.ts';
import {
  isOwnNames,
  type OutputPattern,
  OWN_NAMES,
  patternText,
  stemBy,
} from '../../pages/output-pattern.ts';
import type { ChildEnd } from '../../workers/found-output.ts';
import { tellsException } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import type { OutputNaming } from '../../workers/output-naming.ts';
import {
  type ChildImages,
  endingOfSome,
  endingsOf,
  type IsInput,
  likelyPattern,
  likelyPatterns,
  patternToSuggest,
} from '../../workers/understand-names.ts';

/** Tells what inputs there are: an ending that one of them has says nothing. */
export interface InputNames {
  /** Ids of all pages that the run does. */
  readonly ids: readonly string[];
  /** True for the place of some page's output. */
  readonly isPlaceOfPage: (name: string) => boolean;
}

/** What a child is asked to teach. */
interface Lesson {
  readonly naming: OutputNaming;
  readonly inputs: InputNames;
  readonly emit: Emit;
  /** The program's name. */
  readonly program: string;
}

/** What of a child's end its images are judged by. */
type EndForNames = Pick<ChildEnd, 'isGood' | 'tellsFailure'>;

/** The end of a child that was killed with its run. */
export const CUT_SHORT: EndForNames = { isGood: false, tellsFailure: true };

/**
 * Learns from a child's images how its program names outputs; `end` is missing while it works. False where they do not tell, or
 * tell two ways.
 */
export function learnNames(
  { naming, inputs, emit, program }: Lesson,
  child: ChildImages,
  end?: EndForNames,
): boolean {
  if (!naming.mayLearn) return false;
  const isGood = end?.isGood === true && !end.tellsFailure;
  const [only, second] = isGood ? endingsIn(child, inputs) : [];
  if (second !== undefined) return false;
  // Where other names were right before, a few images tell nothing.
  const mayBeSome = only === undefined && !naming.isProven;
  const cut = end !== undefined && !isGood;
  const pattern = mayBeSome ? endingOfSome(child, isInputOf(inputs), { cut }) : only;
  if (pattern === undefined) return false;
  const isKnown = patternText(naming.now) === patternText(pattern);
  naming.learn(pattern);
  // Another slot has told of it.
  if (isKnown) return true;
  const [first = ''] = child.images.filter((image) => stemBy(pattern, image) !== undefined);
  const text = `${program} writes ${first}. Its outputs are expected as ${inQuotes(pattern)} from now on; --output-name changes that.`;
  emit({ type: 'notice', level: 'info', text });
  return true;
}

const endingsIn = (child: ChildImages, inputs: InputNames): OutputPattern[] =>
  endingsOf(child, isInputOf(inputs)).map(({ pattern }) => pattern);

/** Tells which endings inputs have. */
export const isInputOf =
  ({ ids, isPlaceOfPage }: InputNames): IsInput =>
  ({ after }, images) =>
    images.some(isPlaceOfPage) || ids.some((id) => sameForm(stemOf(id)).endsWith(sameForm(after)));

/** How a child ended, for what it left. */
type LeftAt = Pick<OneShotEnd, 'end' | 'endedBy' | 'lastLines' | 'finished' | 'broken'> & {
  /** The name, in its batch, of the page that it named last. */
  readonly lastNamed: string | undefined;
};

/**
 * True where a child's images may be outputs, though none is named like one: to have their pages made again might buy them a second
 * time. Of a child that did not come to its own end, the images of the page that it was on are no outputs. Pure.
 */
export function mayBeOutputs(child: ChildImages, left: LeftAt): boolean {
  const { end, endedBy, lastLines, finished, broken, lastNamed } = left;
  if (finished.length > 0 || broken.size > 0 || child.images.length === 0) return false;
  if (end.by === 'exit' && endedBy === undefined && !tellsException(lastLines)) return true;
  const stems = likelyPattern(child)?.stems ?? new Set<string>();
  if (lastNamed === undefined) return stems.size > 1;
  return [...stems].some((stem) => stem !== sameForm(stemOf(lastNamed)));
}

/** Images among the files that a child left beside its outputs. */
export const imagesAmong = (names: readonly string[]): string[] => names.filter(hasImageSuffix);

/** The run's end where it has to be said first how outputs are named. `who` has the verb (`translate.py wrote`), `where` a folder. */
export function unnamedOutputs(
  who: string,
  { where, ...child }: ChildImages & { readonly where?: string },
  { naming, inputs }: Pick<Lesson, 'naming' | 'inputs'>,
): Refusal {
  const [first = '', ...others] = child.images;
  const more = others.length === 0 ? '' : ` and ${others.length} more image${others.length === 1 ? '' : 's'}`;
  const why = isOwnNames(naming.now)
    ? "none has a page's name"
    : `no page's output is named ${patternText(naming.now)}`;
  const likely = likelyPatterns(child, isInputOf(inputs));
  naming.suggest(patternToSuggest(likely));
  return cannotRun(
    `${who} ${first}${more}${where === undefined ? '' : ` in ${where}`}, and ${why}: the run stops before pages are translated a second time`,
    hintOf(likely),
  );
}

function hintOf(likely: readonly OutputPattern[]): string {
  const option = `--output-name ${inQuotes(OWN_NAMES)}`;
  const taken = 'they are kept, and used then';
  if (likely.length === 0) {
    return `if these are the translated pages, add --output-name with their form, such as '{stem}_translated{ext}': ${taken}; if not, ${option}`;
  }
  const which = likely.map(inQuotes).join(' or ');
  return `if these are the translated pages, add --output-name ${which}: ${taken}; if not, ${option}`;
}

const inQuotes = (pattern: OutputPattern): string => singleQuoted(patternText(pattern));
