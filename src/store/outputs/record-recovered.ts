import type { Page, PageId } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';
import type { BatchNames } from '../../workers/output-names.ts';
import type { PageRecorder } from './recorder.ts';
import { findRecoverable } from './recover-batches.ts';

/** Whose leftovers count, and who puts them on record. */
interface RecordRecoveredSetup {
  readonly optionsHash: string;
  readonly names: BatchNames;
  readonly recorder: PageRecorder;
  readonly inspector: Inspector;
}

/** Records what a killed run had made and not recorded. Returns the pages still to do. */
export async function recordRecovered(
  pages: readonly Page[],
  old: readonly string[],
  { optionsHash, names, recorder, inspector }: RecordRecoveredSetup,
): Promise<readonly Page[]> {
  const todo = new Map<PageId, Page>(pages.map((page) => [page.id, page]));
  const setup = { todo, optionsHash, names };
  for (const folder of old) {
    for (const { page, output } of await findRecoverable(folder, setup)) {
      const { source } = await inspector.check({ source: page.path });
      const message = 'gathered from the work folder of a run that was killed';
      const instead = await recorder.finished(page, 'translated', output, { attempt: 0, message, source });
      if (instead === undefined) todo.delete(page.id);
    }
  }
  return [...todo.values()];
}
