import { type Page, type PageId, sourceOf } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { Costs } from '../schedule/costs.ts';

/** What one thread does in two milliseconds on a local disk: no page that a worker waits for waits longer behind these. */
const MEASURED_AT_ONCE = 64;
/** Where so many take longer, fewer are asked for at once. */
const MEASURED_IN_MS = 20;

/**
 * Reads the pages' sizes from their headers, as fast as that goes. What costs are counted by does not change yet. Returns the bytes
 * of each source that is a page.
 */
export async function measurePages(
  pages: readonly Page[],
  { costs, inspector }: { readonly costs: Costs; readonly inspector: Inspector },
): Promise<ReadonlyMap<PageId, number>> {
  const found = await inspector.probe(pages.map(sourceOf), { measure: true });
  const bytes = new Map<PageId, number>();
  for (const [index, page] of pages.entries()) {
    const look = found[index];
    if (!look?.ok) continue;
    bytes.set(page.id, look.source.bytes);
    if (look.size) costs.sized(page.id, look.size.width * look.size.height);
  }
  return bytes;
}

/** As `measurePages`, some at a time behind what slots ask for, until nobody needs it any more. */
export async function measureBehind(
  pages: readonly Page[],
  {
    isOver,
    ...measuring
  }: { readonly costs: Costs; readonly inspector: Inspector; readonly isOver: () => boolean },
): Promise<void> {
  let atOnce = 1;
  for (let at = 0; at < pages.length && !isOver(); ) {
    const some = pages.slice(at, at + atOnce);
    const beganMs = performance.now();
    await measurePages(some, measuring);
    at += some.length;
    const isSlow = performance.now() - beganMs > MEASURED_IN_MS;
    atOnce = isSlow ? Math.max(1, atOnce / 2) : Math.min(MEASURED_AT_ONCE, atOnce * 2);
  }
}
