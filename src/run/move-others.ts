import path from 'node:path';
import { Refusal } from '../refusal.ts';
import type { SlotRun } from './slot-run.ts';

/**
 * Files that a translator wrote beside its outputs go where these went; nothing is put in the place of a page. One that can't
 * be moved is no page's failure; a full disk ends the run.
 */
export async function moveOthers(
  { placer, outputRoot, recorder, fail }: SlotRun,
  {
    from,
    names,
    into = '',
  }: { readonly from: string; readonly names: readonly string[]; readonly into?: string },
): Promise<void> {
  for (const name of names) {
    const placed = path.join(into, name);
    if (recorder.isPlaceOfPage(placed) || name.startsWith('.mgpu')) continue;
    await placer.move(path.join(from, name), path.join(outputRoot, placed)).catch((error) => {
      if (error instanceof Refusal) fail(error);
    });
  }
}
