import type { PageId } from '../model/page.ts';
import { Cards } from '../schedule/cards.ts';
import type { KnownCosts } from '../schedule/costs.ts';
import { PeakFit } from '../schedule/peak-fit.ts';

interface LearningSetup {
  readonly pixelsOf: (page: PageId) => number | undefined;
  /** What earlier runs have shown. */
  readonly known: KnownCosts;
  /** The most that a run may use of each card; undefined: all of it. */
  readonly limitBytes: number | undefined;
}

/** Memory of the devices, where a page's peak is told by its pixels and by what others took, in this run and before. */
export function learningCards({ pixelsOf, known, limitBytes }: LearningSetup): Cards {
  const fit = new PeakFit();
  for (const { bytes } of known.values())
    for (const { megapixels, value } of bytes) if (megapixels !== undefined) fit.add(megapixels * 1e6, value);
  return new Cards({
    limitBytes,
    peakOf: (page) => {
      const pixels = pixelsOf(page);
      return pixels === undefined ? undefined : fit.of(pixels);
    },
    seen: (page, bytes) => {
      const pixels = pixelsOf(page);
      if (pixels !== undefined) fit.add(pixels, bytes);
    },
  });
}
