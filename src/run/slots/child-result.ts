import type { AttemptResult, PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import type { Page } from '../../model/page.ts';
import { cannotRun } from '../../model/refusal.ts';
import { mainLine, tellsFullDisk } from '../../workers/last-words.ts';
import type { BatchRun } from './batch-child.ts';
import { blameSourcesOfBatch } from './broken-source.ts';
import { concede } from './concede.ts';
import type { LaidBatch } from './laid-batch.ts';
import { lostBatch } from './lost-batch.ts';
import { hearWhyNothing } from './made-instead.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { endedWithRun, fullDisk } from './slot-context.ts';

/** A batch whose child has ended, and what is known of its pages by now. */
interface EndedBatch {
  readonly assignment: WorkAssignment;
  readonly batch: LaidBatch;
  /** Pages that were told of as failed. */
  readonly failed: readonly PageFailure[];
  /** Pages that nobody has told of. */
  readonly undone: readonly Page[];
  /** What it wrote instead of outputs, for its last words. */
  readonly wrote: string;
  /** Whether it reads one level of folders. */
  readonly depth: 'perhaps' | 'no';
}

/** What became of the pages that nobody has told of, from how the child ended. */
export async function resultOfChild(
  run: OneShotContext,
  { ended, beside }: BatchRun,
  { assignment, batch, failed, undone, wrote, depth }: EndedBatch,
): Promise<AttemptResult> {
  const { options, fail, stop, inspector } = run;
  const { end, endedBy, finished, lastLines } = ended;
  const returned: AttemptResult = { by: 'returned', remaining: undone, failed };
  if (end.by === 'no-start') {
    const { file } = batch.translator.command(batch.folders, assignment.slot);
    const words = `can't start ${file}: ${end.message}`;
    fail(end.refusal ?? cannotRun(words, 'use a program that exists and is executable'));
    return returned;
  }
  if (endedBy === 'drain' || endedBy === 'kill' || endedBy === 'misplaced') return returned;
  if (endedWithRun(end, stop)) return returned;
  if (undone.length === 0 || endedBy === 'failing') return { by: 'ended', failed, remaining: undone };
  if (finished.length === 0 && (await concede(run, batch.translator, ended))) return returned;
  if (tellsFullDisk(lastLines)) {
    fail(fullDisk(run, mainLine(lastLines)));
    return returned;
  }
  if (finished.length === 0) {
    const why = { ...ended, mayReadOneLevel: depth === 'perhaps' };
    if (await hearWhyNothing(run, batch, why)) return returned;
  } else if (batch.isTrial) run.unseen.leftCopies(lastLines);
  const lost = { undone, failed, beside, limits: options, batch: assignment };
  return blameSourcesOfBatch(inspector, lostBatch({ ...ended, wrote }, lost));
}
