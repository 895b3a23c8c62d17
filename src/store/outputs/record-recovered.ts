import { errorCode, errorMessage } from '../../model/error-code.ts';
import type { Page, PageId } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';
import { checkOf } from '../../pages/check-result.ts';
import type { Inspector } from '../../pages/inspector.ts';
import type { PageRecorder } from './recorder.ts';
import { findRecoverable, type RecoverSetup } from './recover-batches.ts';

/** Whose leftovers count, and who puts them on record. */
interface RecordRecoveredSetup extends Pick<RecoverSetup, 'optionsHash' | 'names' | 'leaver'> {
  readonly recorder: Pick<PageRecorder, 'finished' | 'failed'>;
  readonly inspector: Pick<Inspector, 'check' | 'verify'>;
}

/**
 * Records what a killed run had made and not recorded. Returns the pages still to do: a page whose output has no place is not
 * among them, as no translator can give it one.
 */
export async function recordRecovered(
  pages: readonly Page[],
  old: readonly string[],
  { recorder, inspector, ...known }: RecordRecoveredSetup,
): Promise<readonly Page[]> {
  const todo = new Map<PageId, Page>(pages.map((page) => [page.id, page]));
  const setup = { ...known, todo, inspector };
  for (const folder of old) {
    for (const { page, output } of await findRecoverable(folder, setup)) {
      const { source } = await inspector.check(checkOf(page));
      const message = 'recovered from the work folder of a killed run';
      try {
        const end = { attempt: 0, message, source, recovered: true } as const;
        const instead = await recorder.finished(page, 'translated', output, end);
        if (instead === undefined) todo.delete(page.id);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const why = errorCode(error) ?? errorMessage(error);
        const said = `a killed run had made ${output.name}, but it can't be put into place (${why})`;
        await recorder.failed(page, 'error', { attempt: 0, message: said });
        todo.delete(page.id);
      }
    }
  }
  return [...todo.values()];
}
