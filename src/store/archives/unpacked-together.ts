import type { Page } from '../../model/page.ts';

/** A thousand pages of 1 MB: a script that loads for a minute loads once an hour for it. */
const MOST_UNPACKED_BYTES = 1_000_000_000;

/**
 * Those pages that may be unpacked for one batch: 1 GB of what is in archives, one page at the least; files are links and
 * count for nothing. The others come in a later batch, so that an archive is never on the disk as a whole for every slot.
 */
export function unpackedTogether(pages: readonly Page[], most = MOST_UNPACKED_BYTES): readonly Page[] {
  let bytes = 0;
  const end = pages.findIndex(({ entry }, at) => {
    bytes += entry?.bytes ?? 0;
    return at > 0 && bytes > most;
  });
  return end < 0 ? pages : pages.slice(0, end);
}
