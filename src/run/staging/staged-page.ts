import type { Page } from '../../model/page.ts';
import type { CheckedSource, GoodProbe } from '../../pages/inspector.ts';

/** A page's copy, which its worker may do anything to. */
export interface StagedPage {
  readonly page: Page;
  readonly path: string;
  /** What the source was when it was copied. */
  readonly found: GoodProbe;
  /** Missing where its times might not show a change since. */
  readonly content?: CheckedSource;
}

/** Clocks of some disks have ticks of two seconds: what changes a file within one leaves its times as they are. */
const LONGEST_TICK_MS = 3000;

/** A source with its content, as it was read at `nowMs`; undefined for one that was changed just before. */
export function contentOf(
  { bytes, mtimeMs, ctimeMs }: GoodProbe['source'],
  crc32: number,
  nowMs: number,
): CheckedSource | undefined {
  const isOld = nowMs - Math.max(mtimeMs, ctimeMs) > LONGEST_TICK_MS;
  return isOld ? { bytes, mtimeMs, ctimeMs, crc32 } : undefined;
}
