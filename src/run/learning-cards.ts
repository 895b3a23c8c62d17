import type { PageId } from '../model/page.ts';
import { Cards } from '../schedule/cards.ts';
import { PeakFit } from '../schedule/peak-fit.ts';

/** Memory of the devices, where a page's peak is told by its pixels and by what the others took. */
export function learningCards(
  pixelsOf: (page: PageId) => number | undefined,
  limitBytes: number | undefined,
): Cards {
  const fit = new PeakFit();
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
