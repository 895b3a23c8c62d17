import { posix } from 'node:path';
import { stemOf } from '../../pages/output-name.ts';

const SEPARATORS = /[-_. ]/g;

/** Images in a folder by what may be a page's stem in their names: `001` and `out` of `001_out.png`. */
export function byPartOfStem(images: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const byPart = new Map<string, string[]>();
  const add = (part: string, image: string): void => {
    if (part !== '') byPart.set(part, [...(byPart.get(part) ?? []), image].slice(0, MOST_OF_ONE_PART));
  };
  for (const image of images) {
    const stem = stemOf(posix.basename(image));
    for (const { index } of stem.matchAll(SEPARATORS)) {
      add(stem.slice(0, index), image);
      add(stem.slice(index + 1), image);
    }
  }
  return byPart;
}

/** All of `out_001.png`, `out_002.png` and so on share a part: no page is called like that. */
const MOST_OF_ONE_PART = 4;
