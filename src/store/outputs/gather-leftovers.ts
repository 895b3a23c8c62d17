import type { Page, PageId } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import { findLeftovers } from './leftovers.ts';
import type { PageRecorder } from './recorder.ts';

/** Whose leftovers count, and who puts them on record. */
export interface GatherSetup {
  readonly optionsHash: string;
  readonly names: BatchNames;
  readonly recorder: PageRecorder;
  readonly inspector: Inspector;
}

/** Records what a killed run had made and not recorded. Returns the pages still to do. */
export async function gatherLeftovers(
  pages: readonly Page[],
  old: readonly string[],
  { optionsHash, names, recorder, inspector }: GatherSetup,
): Promise<readonly Page[]> {
  const todo = new Map<PageId, Page>(pages.map((page) => [page.id, page]));
  const setup = { todo, optionsHash, names };
  for (const folder of old) {
    for (const { page, output } of await findLeftovers(folder, setup)) {
      const { source } = await inspector.examine({ source: page.path });
      const message = 'gathered from the work folder of a run that was killed';
      const instead = await recorder.finished(page, 'translated', output, { attempt: 0, message, source });
      if (instead === undefined) todo.delete(page.id);
    }
  }
  return [...todo.values()];
}
