import type { PageFailure } from '../../dispatch/assignment.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Page, PageId } from '../../model/page.ts';
import type { BatchLog } from '../../translators/translator.ts';
import { tellsFullDisk } from '../../workers/last-words.ts';
import { NOTHING_BACK } from './record-success.ts';
import { fullDisk, type SlotContext } from './slot-context.ts';

/** Why a page failed, as its program told. */
type Told = ReadonlyMap<PageId, Pick<PageFailure, 'reason' | 'message'>>;

interface OpenPages {
  /** Pages that nobody has told of. */
  readonly pages: readonly Page[];
  /** Of these: came out untranslated, and get another try. */
  readonly untranslated: ReadonlySet<PageId>;
  readonly nameInBatch: (page: PageId) => string;
  /** Puts a page on record that is done without an output. */
  readonly finish: (page: Page, outcome: Exclude<Outcome, 'failed'>) => Promise<void>;
}

/** The failures that a program's log tells of; pages that need no output are finished. `disk-full`: the log says so, and the run ends. */
export async function toldByLog(
  run: Pick<SlotContext, 'fail' | 'redact' | 'workRoot'>,
  log: BatchLog,
  { pages, untranslated, nameInBatch, finish }: OpenPages,
): Promise<Told | 'disk-full'> {
  const told = new Map<PageId, Pick<PageFailure, 'reason' | 'message'>>();
  for (const page of pages) {
    const logged = log.outcomeOf(nameInBatch(page.id));
    const isEmpty = untranslated.has(page.id);
    const failure = isEmpty ? NOTHING_BACK : logged?.outcome === 'failed' ? logged : undefined;
    if (failure && tellsFullDisk([failure.message])) {
      run.fail(fullDisk(run, failure.message));
      return 'disk-full';
    }
    if (failure) told.set(page.id, { reason: failure.reason, message: run.redact(failure.message) });
    else if (logged && logged.outcome !== 'failed' && !logged.saved) await finish(page, logged.outcome);
  }
  return told;
}
