import type { Page } from '../model/page.ts';
import { sourceOf } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import type { Costs } from '../schedule/costs.ts';

/** What one thread does in two milliseconds: no page that a worker waits for waits longer behind these. */
const MEASURED_AT_ONCE = 64;

/** Reads the pages' sizes from their headers, as fast as that goes. What costs are counted by does not change yet. */
export async function measurePages(
  pages: readonly Page[],
  { costs, inspector }: { readonly costs: Costs; readonly inspector: Inspector },
): Promise<void> {
  const found = await inspector.probe(pages.map(sourceOf), { measure: true });
  for (const [index, page] of pages.entries()) {
    const look = found[index];
    if (look?.ok && look.size) costs.sized(page.id, look.size.width * look.size.height);
  }
}

/** As `measurePages`, some at a time behind what slots ask for, until nobody needs it any more. */
export async function measureBehind(
  pages: readonly Page[],
  {
    isOver,
    ...measuring
  }: { readonly costs: Costs; readonly inspector: Inspector; readonly isOver: () => boolean },
): Promise<void> {
  for (let at = 0; at < pages.length && !isOver(); at += MEASURED_AT_ONCE) {
    await measurePages(pages.slice(at, at + MEASURED_AT_ONCE), measuring);
  }
}
