import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { LostWorker } from '../../dispatch/assignment.ts';
import type { FailureReason } from '../../model/outcome.ts';
import type { Slot } from '../../model/slot.ts';
import { moveSidecars } from '../../store/outputs/move-sidecars.ts';
import { tellsFullDisk, wantedMemory } from '../../workers/last-words.ts';
import type { PageAnswer, WorkerLoss } from '../../workers/warm-answer.ts';
import { NOTHING_BACK, recordSuccess } from './record-success.ts';
import { applyDecision, endedWithRun, fullDisk } from './slot-context.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

type DonePage = Extract<PageAnswer, { by: 'done' }>;

/** Draws the conclusion from what a warm worker answered, or from its loss: the page is on record, or comes again. */
export async function settlePage(
  run: WarmContext,
  slot: Slot,
  { page, answer }: { readonly page: ReadyPage; readonly answer: PageAnswer },
): Promise<void> {
  switch (answer.by) {
    case 'done':
      return concludeDone(run, slot, { page, answer });
    case 'failed':
      return concludeFailed(run, slot, {
        page,
        why: { reason: answer.reason === 'busy' ? 'error' : answer.reason, message: answer.message },
      });
    case 'lost':
      if (endedWithRun(answer.end, run.stop)) return run.dispatcher.handedBack(slot, [page.page]);
      return concludeFailed(run, slot, { page, why: answer, loss: answer });
    case 'handed-back':
      await run.recorder.assertUntouched(page.page);
      return run.dispatcher.handedBack(slot, [page.page]);
  }
}

/** A page that its worker says is done is believed as far as its file goes. */
async function concludeDone(
  run: WarmContext,
  slot: Slot,
  { page: ready, answer }: { readonly page: ReadyPage; readonly answer: DonePage },
): Promise<void> {
  const { dispatcher, inspector, loadGate, translator } = run;
  const { page, attempt, request } = ready;
  const { outcome, seconds, stages, peakMemoryBytes } = answer;
  const isWanted = answer.output !== null;
  const found = await inspector.check({ source: page.path, ...(isWanted && { output: request.output }) });
  const verdict = found.output;
  const failed = (reason: FailureReason, message: string): Promise<void> =>
    concludeFailed(run, slot, { page: ready, why: { reason, message } });
  if (verdict && 'missing' in verdict) {
    const reason = verdict.missing === 'ENOENT' ? 'no-output' : 'bad-output';
    return failed(reason, 'the worker said done, and there is no file');
  }
  if (verdict && !verdict.whole) return failed('bad-output', verdict.why);
  if (outcome === 'untranslated' && dispatcher.mayTryAgain(page.id, slot)) {
    return failed(NOTHING_BACK.reason, NOTHING_BACK.message);
  }
  const { equalsSource = false } = found;
  const output = verdict
    ? { path: request.output, name: translator.outputName(page.id), ...verdict, equalsSource }
    : null;
  const end = {
    slot: slot.id,
    attempt,
    seconds,
    ...(stages && { stages }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
  };
  const isThere = await recordSuccess(run, slot, { page, outcome, output, end, source: found.source });
  if (isThere && translator.leavesOtherFiles) await moveFilesBeside(run, ready);
  loadGate.succeeded();
  // What still lies there would be taken for what a later page of this name makes.
  if (!isThere || output === null) await emptyFolder(path.dirname(request.output));
  dispatcher.handedBack(slot, []);
}

async function moveFilesBeside(run: WarmContext, { page, request }: ReadyPage): Promise<void> {
  const from = path.dirname(request.output);
  const into = path.dirname(run.translator.outputName(page.id));
  await moveSidecars(run, { from, names: await namesIn(from), into });
}

async function concludeFailed(
  run: WarmContext,
  slot: Slot,
  {
    page: { page, request },
    why: { reason, message },
    loss,
  }: {
    readonly page: ReadyPage;
    readonly why: { readonly reason: FailureReason; readonly message: string };
    readonly loss?: WorkerLoss;
  },
): Promise<void> {
  const { dispatcher, fail, recorder } = run;
  const lastLines = loss?.lastWords ?? [];
  await recorder.assertUntouched(page);
  // What a failed try left behind must not be taken for what the next page makes.
  await emptyFolder(path.dirname(request.output));
  if (tellsFullDisk([message, ...lastLines])) {
    fail(fullDisk(run, message));
    return dispatcher.handedBack(slot, [page]);
  }
  const wanted = reason === 'oom' ? wantedMemory(message) : undefined;
  const lost: LostWorker | undefined = loss && { withoutSign: false, lastWords: loss.message };
  const consequences = dispatcher.loneFailed(slot, page, {
    reason,
    message: wanted === undefined ? message : `${wanted}: ${message}`,
    ...(lost && { lost }),
  });
  await applyDecision(run, slot, consequences, { ...(loss && { end: loss.end }), lastLines });
}

async function emptyFolder(folder: string): Promise<void> {
  // A worker may have put a link to a folder there: what is in that is not ours to remove.
  if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return rm(folder, { force: true });
  const names = await namesIn(folder);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

/** None where somebody has cleaned the folder away: that is no page's failure. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
