import type { Page } from '../../model/page.ts';

/** Of a run. A thousand pages of 1 MB: a script that loads for a minute loads once an hour for it. */
const MOST_UNPACKED_BYTES = 1_000_000_000;

/**
 * Those pages that may be unpacked for one batch: a slot's share of 1 GB of what is in archives, one page at the least; files
 * are links and count for nothing. The others come in a later batch, so that no archives are on the disk as a whole.
 */
export function unpackedTogether(
  pages: readonly Page[],
  slots: number,
  most = MOST_UNPACKED_BYTES,
): readonly Page[] {
  let bytes = 0;
  const end = pages.findIndex(({ entry }, at) => {
    bytes += entry?.bytes ?? 0;
    return at > 0 && bytes > most / slots;
  });
  return end < 0 ? pages : pages.slice(0, end);
}
