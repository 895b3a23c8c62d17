import path from 'node:path';
import { sameForm } from '../pages/name-form.ts';
import { stemOf } from '../pages/output-name.ts';
import { beginsEnding, OWN_NAMES } from '../pages/output-pattern.ts';
import { kindOfEnding } from './ending-kind.ts';
import { type ChildImages, likelyPattern } from './understand-names.ts';

/** Images that a child made where no outputs were expected. */
export interface Misplaced {
  /** Relative names of the batch's pages. */
  readonly pages: readonly string[];
  /** Among its pages, relative to its input folder. */
  readonly inInput: readonly string[];
  /** Its pages, where it wrote over them. */
  readonly overInput: readonly string[];
}

/** A place among a batch's pages where a child seems to have left its outputs. */
export interface PlaceAmongPages {
  /** Names of folders, `result`; empty: beside the pages themselves. */
  readonly folder: string;
  /** It is in each folder of pages (`ch1/result`), not once at the top. */
  readonly isInEach: boolean;
  /** The images there, under the names that they would have beside their pages. */
  readonly images: readonly string[];
  /** The same images, by their own names. */
  readonly files: readonly string[];
}

/** What folders for results are called; others are for masks, and whatever else a program leaves. */
const RESULTS = /result|output|translat|^out$|final|done/i;

/** True for the name of a folder that says that results are in it. */
export const isForResults = (folder: string): boolean => RESULTS.test(folder);

/**
 * Where the images that a child made among its pages are, by the folders that stand in their paths and not in their pages':
 * the likeliest place first. None for images that have no page's name. Pure.
 */
export function placesAmongPages({ pages, images }: ChildImages): PlaceAmongPages[] {
  const whole = new Set(pages.map((page) => sameForm(stemOf(page))));
  const stems = { whole, bases: new Set([...whole].map((stem) => path.posix.basename(stem))) };
  const found = new Map<string, { folder: string; isInEach: boolean; images: string[]; files: string[] }>();
  for (const image of images) {
    const read = placeOf(stems, image);
    if (read === undefined) continue;
    const key = `${read.isInEach}/${read.folder}`;
    const place = found.get(key) ?? { folder: read.folder, isInEach: read.isInEach, images: [], files: [] };
    place.images.push(read.beside);
    place.files.push(image);
    found.set(key, place);
  }
  const rank = ({ folder }: PlaceAmongPages): number => (folder === '' || isForResults(folder) ? 1 : 0);
  return [...found.values()].sort((a, b) => rank(b) - rank(a) || b.images.length - a.images.length);
}

/**
 * The images that may be outputs, under the names that they would have beside their pages; none where none may be. Of a child that
 * was `cut` short, a folder for something made on the way to a page has none. Pure.
 */
export function likelyOutputs(
  { pages, inInput, overInput }: Misplaced,
  { cut }: { readonly cut: boolean },
): ChildImages {
  if (inInput.length === 0) return { pages, images: overInput };
  const isOnTheWay = ({ folder }: PlaceAmongPages): boolean =>
    ['step', 'passing'].includes(kindOfEnding({ before: '', after: folder }));
  const [likeliest] = placesAmongPages({ pages, images: inInput }).filter(
    (place) => !(cut && isOnTheWay(place)),
  );
  return { pages, images: likeliest?.images ?? [] };
}

/**
 * The images, by their own names, that say by their folder (`result/1.png`) or their ending (`1_translated.png`) that they are
 * translated pages. A child that makes them, and nothing where outputs are expected, need not be watched to its end. None where
 * they may be made on the way to a page. Pure.
 */
export function resultsAmongPages(child: ChildImages): readonly string[] {
  const areResults = ({ folder, images }: PlaceAmongPages): boolean => {
    const { before, after } = likelyPattern({ pages: child.pages, images })?.pattern ?? OWN_NAMES;
    const kind = kindOfEnding({ before, after: `${after} ${folder}` });
    return kind === 'result' || (kind === 'unknown' && folder !== '' && isForResults(folder));
  };
  return placesAmongPages(child).find(areResults)?.files ?? [];
}

/** Takes some of an image's folders out of its path, such that what is left is a page's name, perhaps with an ending. */
function placeOf(
  stems: PageStems,
  image: string,
): { readonly folder: string; readonly isInEach: boolean; readonly beside: string } | undefined {
  const { dir, base } = path.posix.parse(sameForm(image));
  const folders = dir === '' ? [] : dir.split('/');
  const named = stemsOfBase(stems, base);
  for (let length = 0; named.length > 0 && length <= folders.length; length += 1) {
    for (let at = 0; at + length <= folders.length; at += 1) {
      const left = [...folders.slice(0, at), ...folders.slice(at + length)];
      if (!named.some((stem) => stems.whole.has([...left, stem].join('/')))) continue;
      const isInEach = at > 0 && length > 0;
      // Folders in the middle are in no one place.
      if (isInEach && at + length < folders.length) continue;
      return {
        folder: folders.slice(at, at + length).join('/'),
        isInEach,
        beside: [...left, base].join('/'),
      };
    }
  }
  return undefined;
}

/** Stems of pages in one form, with their folders and without. */
interface PageStems {
  readonly whole: ReadonlySet<string>;
  readonly bases: ReadonlySet<string>;
}

/** What a file name may be named after: stems of pages that it begins with, an ending behind. */
function stemsOfBase({ bases }: PageStems, base: string): string[] {
  const stem = stemOf(base);
  const ends = Array.from({ length: stem.length }, (_, at) => stem.length - at);
  return ends
    .filter((end) => end === stem.length || beginsEnding(stem.slice(end)))
    .map((end) => stem.slice(0, end))
    .filter((beginning) => bases.has(beginning));
}
