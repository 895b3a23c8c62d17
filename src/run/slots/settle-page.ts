import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AttemptResult, PageFailure, WorkAssignment } from '../../dispatch/assignment.ts';
import { readingTrouble } from '../../model/file-errors.ts';
import { placeOf } from '../../model/page.ts';
import { checkOf } from '../../pages/check-result.ts';
import { hasImageSuffix } from '../../pages/image-format.ts';
import type { ResultCheck } from '../../pages/inspector.ts';
import { otherFormOf } from '../../pages/name-form.ts';
import { round3 } from '../../report/format.ts';
import { moveSidecars } from '../../store/outputs/move-sidecars.ts';
import { namesIn } from '../../store/outputs/names-in.ts';
import { tellsFullDisk, wantedMemory } from '../../workers/last-words.ts';
import type { PageAnswer, WorkerLoss } from '../../workers/warm-answer.ts';
import { blameSources } from './broken-source.ts';
import {
  areCopiesCheap,
  GIVE_WORKER_COPIES,
  hasChangedCopy,
  overwritesInput,
  SAVE_TO_OUTPUT,
} from './copy-given.ts';
import { inWords, NO_OTHER_IMAGES } from './other-images.ts';
import { NOTHING_BACK, recordSuccess } from './record-success.ts';
import { endedWithRun, fullDisk, returned } from './slot-context.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

/** A shorter wait of a worker that had no copy is what a busy machine does. */
const LEAST_WAIT_SECONDS = 0.1;

type DonePage = Extract<PageAnswer, { by: 'done' }>;
type Why = Pick<PageFailure, 'reason' | 'message'>;
/** What a failure says of the process that told it. */
export type Standing = Pick<PageFailure, 'streak' | 'isFresh'>;

/** What a warm worker had in hand, and what came of it. */
interface AnsweredPage {
  readonly ready: ReadyPage;
  readonly answer: PageAnswer;
  /** What a failure now would say of the process. */
  readonly standing: () => Standing;
  /** From the worker's start to its first page in seconds; told once. */
  readonly takeLoadSeconds: () => number | undefined;
  /** How long the worker had nothing to do because the page was not ready. */
  readonly waitSeconds: number;
}

/** What became of an assignment, from the worker's answer or its loss. A page that is done is on record then. */
export async function settlePage(
  run: WarmContext,
  assignment: WorkAssignment,
  answered: AnsweredPage,
): Promise<AttemptResult> {
  const { ready, answer } = answered;
  const { page, onTrial } = ready;
  const isJudged = onTrial && !run.links.copies && answer.by !== 'handed-back';
  if (isJudged && (await hasChangedCopy(onTrial, page))) {
    // With the folder of all copies gone, it was not the worker.
    if (ready.staged && (await run.stage?.isGone()))
      return settlePage(run, assignment, { ...answered, ready: { ...ready, onTrial: undefined } });
    const hasOutput = (await lstat(ready.request.output).catch(() => undefined)) !== undefined;
    const help = hasOutput ? GIVE_WORKER_COPIES : SAVE_TO_OUTPUT;
    run.fail(overwritesInput(run.translator.name, [page.id], help));
    await cleanUp(run, ready);
    return returned([page]);
  }
  switch (answer.by) {
    case 'done':
      run.spending.paid(page.id, answer.cost);
      return settleDone(run, assignment, { ...answered, answer });
    case 'failed':
      run.unseen.heard({ ...toldBy(run, assignment, ready), lines: [answer.message] });
      if (answer.reason !== 'busy') return settleFailed(run, answered, { ...answer, reason: answer.reason });
      await cleanUp(run, ready);
      return {
        by: 'busy',
        page: ready.page,
        remaining: [],
        message: answer.message,
        retryAfterSeconds: answer.retryAfterSeconds,
      };
    case 'lost':
      if (endedWithRun(answer.end, run.stop)) return returned([ready.page]);
      run.unseen.heard({ ...toldBy(run, assignment, ready), lines: answer.lastWords });
      return settleFailed(run, answered, answer, answer);
    case 'handed-back':
      await run.recorder.assertUntouched(ready.page);
      return returned([ready.page]);
  }
}

/** Whose words they are, and of which page. */
const toldBy = ({ translator }: WarmContext, { slot }: WorkAssignment, { request }: ReadyPage) => {
  const { file, args } = translator.command(slot);
  const names = [path.basename(request.input)];
  return { command: [file, ...args], names, hasNamed: false, output: path.dirname(request.output) };
};

/** A page that its worker says is done is believed as far as its file goes. */
async function settleDone(
  run: WarmContext,
  assignment: WorkAssignment,
  answered: AnsweredPage & { readonly answer: DonePage },
): Promise<AttemptResult> {
  const { inspector, translator } = run;
  const { ready, answer, takeLoadSeconds, waitSeconds } = answered;
  const { page, request, staged } = ready;
  const { outcome, seconds, stages, peakMemoryBytes, notes } = answer;
  const isWanted = answer.output !== null;
  const { file, ...found } = await checkResult(inspector, ready, isWanted);
  const verdict = found.output;
  if (verdict && 'missing' in verdict) {
    const code = verdict.missing;
    if (code !== 'ENOENT') {
      const message = `its file can't be read: ${readingTrouble(code) ?? code}`;
      return settleFailed(run, answered, { reason: 'bad-output', message });
    }
    const others = (await namesIn(path.dirname(request.output))).filter(hasImageSuffix);
    const wrote = inWords({ ...NO_OTHER_IMAGES, inOutput: others });
    const message = `the worker reported the page as done, but there is no file${wrote}`;
    return settleFailed(run, answered, { reason: 'no-output', message });
  }
  if (verdict && !verdict.whole) {
    return settleFailed(run, answered, { reason: 'bad-output', message: verdict.why });
  }
  if (answer.refusal !== undefined) {
    return settleFailed(run, answered, { reason: 'error', message: answer.refusal });
  }
  if (outcome === 'untranslated' && !assignment.isLastTry) {
    return settleFailed(run, answered, NOTHING_BACK);
  }
  const { equalsSource = false } = found;
  const output = verdict
    ? { path: file, name: translator.outputName(page.id), ...verdict, equalsSource }
    : null;
  const end = {
    slot: assignment.slot.id,
    attempt: assignment.attempt,
    seconds,
    ...sizeOf(request),
    ...(stages && { stages }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
    ...(notes && { notes }),
    ...((staged || waitSeconds >= LEAST_WAIT_SECONDS) && { waitSeconds: round3(waitSeconds) }),
    ...(staged && { staged: true as const }),
  };
  const finished = { page, outcome, output, end, source: found.source, loadSeconds: takeLoadSeconds() };
  const recorded = await recordSuccess(run, assignment, finished);
  const isDone = recorded.by === 'done';
  // What a worker does to the input of a page without text says nothing of others.
  if (isDone && ready.onTrial && outcome === 'translated') {
    if (areCopiesCheap({ seconds, copyMs: ready.copyMs ?? 0 })) run.links.copyFromNowOn();
    else run.links.passedTrial();
  }
  if (isDone && translator.leavesOtherFiles) await moveFilesBeside(run, ready);
  // What still lies there would be taken for what a later page of this name makes.
  if (!isDone || output === null) await emptyFolder(path.dirname(request.output));
  return {
    by: 'ended',
    failed: recorded.by === 'failed' ? [recorded.failure] : [],
    remaining: recorded.by === 'left' ? [page] : [],
  };
}

/** A page's size as it was handed over, where it is known. */
const sizeOf = ({ width, height }: ReadyPage['request']) =>
  width === undefined || height === undefined ? {} : { width, height };

/** Looks at a page's output where the worker was told to write it, or under that name in another form. */
async function checkResult(
  inspector: WarmContext['inspector'],
  { page, request, staged }: ReadyPage,
  isWanted: boolean,
): Promise<ResultCheck & { readonly file: string }> {
  const file = request.output;
  const source = { ...checkOf(page), known: staged?.content };
  const found = await inspector.check({ ...source, ...(isWanted && { output: file }) });
  if (!found.output || !('missing' in found.output)) return { ...found, file };
  const folder = path.dirname(file);
  const other = otherFormOf(path.basename(file), await namesIn(folder));
  if (other === undefined) return { ...found, file };
  const renamed = path.join(folder, other);
  return { ...(await inspector.check({ ...source, output: renamed })), file: renamed };
}

async function moveFilesBeside(run: WarmContext, { page, request }: ReadyPage): Promise<void> {
  const from = path.dirname(request.output);
  const into = path.dirname(placeOf(page, run.translator.outputName(page.id)));
  await moveSidecars(run, { from, names: await namesIn(from), placeOf: (name) => path.join(into, name) });
}

async function settleFailed(
  run: WarmContext,
  { ready, standing }: AnsweredPage,
  { reason, message }: Why,
  loss?: WorkerLoss,
): Promise<AttemptResult> {
  const { page } = ready;
  const lastLines = loss?.lastWords ?? [];
  const isWithoutInput = ready.staged !== undefined && (await run.stage?.hasLost(ready.staged)) === true;
  await cleanUp(run, ready);
  if (isWithoutInput) return returned([page]);
  if (tellsFullDisk([message, ...lastLines])) {
    run.fail(fullDisk(run, message));
    return returned([page]);
  }
  const wanted = reason === 'oom' ? wantedMemory(message) : undefined;
  const words = wanted === undefined ? message : `${wanted}: ${message}`;
  const [blamed] = await blameSources(run.inspector, [
    { page, reason, message: words, streak: 1, isFresh: false },
  ]);
  // That it can't read a page says nothing of the process.
  const failure = blamed?.reason === 'unreadable' ? blamed : { page, reason, message: words, ...standing() };
  const failed = [failure];
  if (!loss) return { by: 'ended', failed, remaining: [] };
  const evidence = { pages: [], finished: [], named: [], outputsSinceNamed: 0, broken: new Map() };
  const { end } = loss;
  const isStuck = end.by === 'stuck';
  const isPlaceLost = end.by === 'gone' && end.isBlameless;
  const lost = { withoutSign: false, lastWords: loss.message, lastLines, isStuck, isPlaceLost };
  return { by: 'lost', failed, evidence, lost };
}

/** What a failed try left behind must not be taken for what the next page makes. */
async function cleanUp({ recorder }: WarmContext, { page, request }: ReadyPage): Promise<void> {
  await recorder.assertUntouched(page);
  await emptyFolder(path.dirname(request.output));
}

async function emptyFolder(folder: string): Promise<void> {
  // A worker may have put a link to a folder there: what is in that is not ours to remove.
  if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return rm(folder, { force: true });
  const names = await namesIn(folder);
  await Promise.all(names.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}
