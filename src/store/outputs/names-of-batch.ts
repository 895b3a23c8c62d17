import type { Page } from '../../model/page.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import { sameForm } from '../../pages/name-form.ts';
import { stemOf } from '../../pages/output-name.ts';
import type { OneShotTranslator } from '../../translators/translator.ts';
import { type BatchPlaces, placesOf } from '../../workers/batch-places.ts';

/** Those pages that can share a batch: no two of one stem, in whatever form, or their outputs could not be told apart. */
export function withoutEqualStems(pages: readonly Page[]): readonly Page[] {
  const stems = new Set<string>();
  return pages.filter((page) => {
    const stem = sameForm(stemOf(withoutArchives(page.id)));
    return !stems.has(stem) && stems.add(stem);
  });
}

/** Programs look at suffixes: none is told that a folder is an archive. */
const withoutArchives = (name: string): string =>
  name.replace(/([^/]+)\.(?:cbz|zip)(?=\/)/gi, (_all, stem: string) =>
    // A page may have the name that is left: `v.png` beside `v.png.cbz`.
    hasImageSuffix(stem) ? `${stem}_` : stem,
  );

/** Where the pages of a one-shot translator's batch stand in it. */
export function batchPlacesOf(translator: OneShotTranslator, pages: readonly Page[]): BatchPlaces {
  const { nameOf, placeOf } = placesOf({
    pages: pages.map(({ id }) => id),
    layout: translator.layout ?? 'tree',
    ownName: (page) => withoutArchives(translator.nameInBatch?.(page) ?? page),
    reserved: translator.outputsAmongPages,
  });
  // A folder with the archive's name would stand in the place of the packed one.
  return { nameOf, placeOf: (name) => withoutArchives(placeOf(name)) };
}
