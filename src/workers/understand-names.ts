import { sameForm } from '../pages/name-form.ts';
import { stemOf } from '../pages/output-name.ts';
import { beginsEnding, type OutputPattern, OWN_NAMES, patternText, stemBy } from '../pages/output-pattern.ts';
import { kindOfEnding } from './ending-kind.ts';

/** What a child left in its output folder, and for which pages. */
export interface ChildImages {
  /** Relative names of its pages, as they stood in the batch. */
  readonly pages: readonly string[];
  /** Relative names of images that are no outputs as far as it is known how outputs are named. */
  readonly images: readonly string[];
}

/** An ending that would name outputs, with the pages that it would give one. */
export interface NamedBy {
  readonly pattern: OutputPattern;
  /** Stems, in one form. */
  readonly stems: ReadonlySet<string>;
}

/** Whether inputs end so; what they end with says nothing of outputs. */
export type IsInput = (pattern: OutputPattern, images: readonly string[]) => boolean;

const ENOUGH_OF_BATCH = 0.9;
const FEWEST_PAGES = 2;
/** Of pages whose images say by their ending that they are results, so many suffice, however many the batch has. */
const ENOUGH_RESULTS = 10;
/** Images that are looked at with more than an ending in mind: each costs the square of its name's length. */
const MOST_TRIED = 50;
/** More patterns are no choice. */
const MOST_SUGGESTED = 3;

/**
 * The endings that a child's outputs may have, constant over its pages: each begins with neither letter nor digit, and gives at
 * least two pages (or all), and 9 of 10, an output. None where pages have outputs under their own names, or where
 * `isInput` says that inputs end so. Pure.
 */
export function endingsOf({ pages, images }: ChildImages, isInput: IsInput): NamedBy[] {
  const stems = new Set(pages.map((page) => sameForm(stemOf(page))));
  const enough = (found: ReadonlySet<string>): boolean =>
    found.size >= Math.min(FEWEST_PAGES, stems.size) && found.size >= stems.size * ENOUGH_OF_BATCH;
  const own = new Set(images.flatMap((image) => stemIn(stems, OWN_NAMES, image)));
  if (own.size > 0) return enough(own) ? [{ pattern: OWN_NAMES, stems: own }] : [];
  return namedBy(images, (image) => endings(stems, image)).filter(
    ({ pattern, stems: found }) =>
      beginsEnding(pattern.after) && enough(found) && !isInput(pattern, imagesBy(pattern, { stems, images })),
  );
}

/**
 * The ending that outputs have for certain, of a child that has not come to all of its pages yet: the only one that its images have,
 * but for files that are still being written, and none of something made on the way to a page. It gives nine of ten pages an
 * output, or ten, and says that they are results. Once the child was `cut` short, one page suffices where the ending says so,
 * else two. Undefined where an image has its page's own name. Pure.
 */
export function endingOfSome(
  { pages, images }: ChildImages,
  isInput: IsInput,
  { cut }: { readonly cut: boolean },
): OutputPattern | undefined {
  const stems = new Set(pages.map((page) => sameForm(stemOf(page))));
  const isRival = (image: string): boolean =>
    stemIn(stems, OWN_NAMES, image).length > 0 ||
    endings(stems, image).some(([pattern]) => kindOfEnding(pattern) !== 'passing');
  const sole = namedBy(images, (image) => endings(stems, image)).filter(({ pattern, stems: found }) => {
    const kind = kindOfEnding(pattern);
    if (!beginsEnding(pattern.after) || kind === 'step' || kind === 'passing') return false;
    const enough = Math.max(
      Math.min(FEWEST_PAGES, stems.size),
      Math.min(ENOUGH_RESULTS, stems.size * ENOUGH_OF_BATCH),
    );
    const least = kind === 'result' ? (cut ? 1 : enough) : cut ? FEWEST_PAGES : Number.POSITIVE_INFINITY;
    if (found.size < least) return false;
    const named = imagesBy(pattern, { stems, images });
    const own = new Set(named);
    return !isInput(pattern, named) && !images.some((image) => !own.has(image) && isRival(image));
  });
  return sole.length === 1 ? sole[0]?.pattern : undefined;
}

/**
 * The one pattern that a user would most likely have to give for these images: of several the only one that says it makes results.
 * Undefined where there are more, or it is something made on the way to a page. Pure.
 */
export function patternToSuggest(patterns: readonly OutputPattern[]): OutputPattern | undefined {
  for (const kind of ['result', 'unknown'] as const) {
    const [only, second] = patterns.filter((pattern) => kindOfEnding(pattern) === kind);
    if (only !== undefined) return second === undefined ? only : undefined;
  }
  return undefined;
}

/**
 * What most of the images have around the stems of pages, be it what it may: the pattern that its outputs seem to have.
 * Undefined where no image has a page's stem in its name. Pure.
 */
export function likelyPattern({ pages, images }: ChildImages): NamedBy | undefined {
  const stems = new Set(pages.map((page) => sameForm(stemOf(page))));
  const own = namedBy(images, (image) =>
    stemIn(stems, OWN_NAMES, image).map((stem) => [OWN_NAMES, stem] as const),
  );
  const ends = namedBy(images, (image) => endings(stems, image));
  const around = namedBy(images.slice(0, MOST_TRIED), (image) => surroundings(stems, image));
  // Of patterns that name as many pages, the one that leaves least beside their stems.
  const [most] = [...own, ...ends, ...around].toSorted(
    (a, b) => b.stems.size - a.stems.size || lengthOf(a.pattern) - lengthOf(b.pattern),
  );
  if (most === undefined) return undefined;
  const named = images.flatMap((image) => stemIn(stems, most.pattern, image));
  return { pattern: most.pattern, stems: new Set(named) };
}

/**
 * The patterns that images may have been named by, for a user to choose from, results first: endings that give nine of ten pages an
 * output, else the most frequent ones, else whatever most images have around their stems. Pure.
 */
export function likelyPatterns(child: ChildImages, isInput: IsInput): readonly OutputPattern[] {
  const fits = endingsOf(child, isInput).map(({ pattern }) => pattern);
  const some = fits.length > 0 ? fits : frequentEndings(child, isInput);
  const likely = some.length > 0 ? some : [likelyPattern(child)?.pattern ?? []].flat();
  return likely.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** Endings of at least half as many pages as the most frequent one, but those of images that a more frequent one names. */
function frequentEndings({ pages, images }: ChildImages, isInput: IsInput): OutputPattern[] {
  const stems = new Set(pages.map((page) => sameForm(stemOf(page))));
  const found: NamedBy[] = [];
  for (let rest = images; found.length < MOST_SUGGESTED; ) {
    const [next] = namedBy(rest, (image) => endings(stems, image))
      .filter(({ pattern }) => beginsEnding(pattern.after) && !isInput(pattern, rest))
      .toSorted((a, b) => b.stems.size - a.stems.size || lengthOf(a.pattern) - lengthOf(b.pattern));
    if (next === undefined || next.stems.size * 2 < (found[0] ?? next).stems.size) break;
    found.push(next);
    const named = new Set(imagesBy(next.pattern, { stems, images: rest }));
    rest = rest.filter((image) => !named.has(image));
  }
  return found.map(({ pattern }) => pattern);
}

const rankOf = (pattern: OutputPattern): number =>
  ['result', 'unknown', 'step', 'passing'].indexOf(kindOfEnding(pattern));

function namedBy(images: readonly string[], patternsOf: (image: string) => Read): NamedBy[] {
  const found = new Map<string, { pattern: OutputPattern; stems: Set<string> }>();
  for (const image of images) {
    for (const [pattern, stem] of patternsOf(image)) {
      const key = patternText(pattern);
      const known = found.get(key) ?? { pattern, stems: new Set() };
      known.stems.add(stem);
      found.set(key, known);
    }
  }
  return [...found.values()];
}

type Read = readonly (readonly [pattern: OutputPattern, stem: string])[];

/** Every ending that leaves a page's stem. */
function endings(stems: ReadonlySet<string>, image: string): Read {
  const { folder, base } = partsOf(image);
  return Array.from({ length: base.length - 1 }, (_, at) => base.slice(0, at + 1)).flatMap((head) =>
    stems.has(folder + head)
      ? [[{ before: '', after: base.slice(head.length) }, folder + head] as const]
      : [],
  );
}

/** Every beginning, with whatever ending, that leaves a page's stem. */
function surroundings(stems: ReadonlySet<string>, image: string): Read {
  const { folder, base } = partsOf(image);
  const found: (readonly [OutputPattern, string])[] = [];
  for (let start = 1; start < base.length; start += 1) {
    for (let end = start + 1; end <= base.length; end += 1) {
      const stem = folder + base.slice(start, end);
      if (stems.has(stem)) found.push([{ before: base.slice(0, start), after: base.slice(end) }, stem]);
    }
  }
  return found;
}

function partsOf(image: string): { readonly folder: string; readonly base: string } {
  const stem = sameForm(stemOf(image));
  const at = stem.lastIndexOf('/') + 1;
  return { folder: stem.slice(0, at), base: stem.slice(at) };
}

function stemIn(stems: ReadonlySet<string>, pattern: OutputPattern, image: string): string[] {
  const stem = stemBy(pattern, image);
  return stem !== undefined && stems.has(stem) ? [stem] : [];
}

const imagesBy = (
  pattern: OutputPattern,
  { stems, images }: { readonly stems: ReadonlySet<string>; readonly images: readonly string[] },
): string[] => images.filter((image) => stemIn(stems, pattern, image).length > 0);

const lengthOf = ({ before, after }: OutputPattern): number => before.length + after.length;
