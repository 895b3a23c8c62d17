import { sameForm } from '../pages/name-form.ts';
import { stemOf } from '../pages/output-name.ts';
import { beginsEnding, type OutputPattern, OWN_NAMES, patternText, stemBy } from '../pages/output-pattern.ts';

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

const ENOUGH_OF_BATCH = 0.9;
const FEWEST_PAGES = 2;
/** Images that are looked at with more than an ending in mind: each costs the square of its name's length. */
const MOST_TRIED = 50;

/**
 * The endings that a child's outputs may have, constant over its pages: each begins with neither letter nor digit, and gives at
 * least two pages (or all), and 9 of 10, an output. None where pages have outputs under their own names, or where
 * `isInput` says that inputs end so. Pure.
 */
export function endingsOf(
  { pages, images }: ChildImages,
  isInput: (pattern: OutputPattern, images: readonly string[]) => boolean,
): NamedBy[] {
  const stems = new Set(pages.map((page) => sameForm(stemOf(page))));
  const enough = (found: ReadonlySet<string>): boolean =>
    found.size >= Math.min(FEWEST_PAGES, stems.size) && found.size >= stems.size * ENOUGH_OF_BATCH;
  const own = new Set(images.flatMap((image) => stemIn(stems, OWN_NAMES, image)));
  if (own.size > 0) return enough(own) ? [{ pattern: OWN_NAMES, stems: own }] : [];
  return namedBy(images, (image) => endings(stems, image)).filter(
    ({ pattern, stems: found }) =>
      beginsEnding(pattern.after) &&
      enough(found) &&
      !isInput(
        pattern,
        images.filter((image) => stemIn(stems, pattern, image).length > 0),
      ),
  );
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

const lengthOf = ({ before, after }: OutputPattern): number => before.length + after.length;
