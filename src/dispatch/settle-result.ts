import type { Page } from '../model/page.ts';
import { gpuIndexOf } from '../model/slot.ts';
import { serviceRefusal } from '../translators/service-refusal.ts';
import { withoutParticulars } from '../workers/last-words.ts';
import type { AttemptResult, OpenDecision, PageFailure } from './assignment.ts';
import type { DispatchState } from './dispatch-state.ts';
import type { Held } from './in-flight.ts';
import { type BatchEvidence, suspectsOf } from './suspects.ts';

type Result<By extends AttemptResult['by']> = Extract<AttemptResult, { by: By }>;

/** What follows from the result of an assignment that is over. */
export function settleResult(
  state: DispatchState,
  held: Held,
  result: AttemptResult,
  out: OpenDecision,
): void {
  // What a child told of before it went on to good pages says nothing of the others.
  if ('failed' in result)
    for (const page of followedByGood(held, result.failed ?? [])) state.policy.common.suspect(page.id);
  switch (result.by) {
    case 'ended':
    case 'returned':
      for (const failure of result.failed ?? []) fail(state, held, failure, out);
      giveBack(state, held, result.remaining);
      return;
    case 'busy':
      refused(state, held, result, out);
      giveBack(state, held, result.remaining);
      return;
    case 'lost':
      lost(state, held, result, out);
      return;
    case 'no-start':
      notStarted(state, held, result, out);
      return;
  }
}

function followedByGood({ assignment, open }: Held, failures: readonly PageFailure[]): readonly Page[] {
  const { pages } = assignment;
  const lastDone = pages.findLastIndex((page) => !open.has(page));
  return failures.map(({ page }) => page).filter((page) => pages.indexOf(page) < lastDone);
}

function fail(state: DispatchState, held: Held, failure: PageFailure, out: OpenDecision): void {
  const { page, reason, message, streak, isOwn = false } = failure;
  const hasAnswered = state.policy.common.hasWorked;
  const refusal = isOwn || streak === 0 ? undefined : serviceRefusal(message, page.id, { hasAnswered });
  if (refusal) {
    refused(state, held, { page, message, ...refusal }, out);
    return;
  }
  state.service.forget(page.id);
  // A program that fails one page after the other until its end may have been broken by the first.
  const isPages = isOwn || reason === 'unreadable' || state.policy.isPagesOwn(message);
  if (!held.assignment.alone && streak > 1 && !isPages) {
    state.policy.toldInStreak(held, failure);
    again(state, held, page);
    return;
  }
  leaveSchedule(state, held, page);
  if (reason === 'oom' && held.hadDeviceAlone) state.cards?.foundNoRoom(held.assignment.slot, page.id);
  state.policy.pageFailed(held, failure, out);
}

/** A page has no part in it the first time; one that is there each time may. */
function placeLost(state: DispatchState, held: Held, page: Page): void {
  state.placeLost.add(page.id);
  state.policy.endControl(page.id);
  giveBack(state, held, [page]);
}

/** Uncounted once, in a smaller batch, then by itself. */
function again(state: DispatchState, held: Held, page: Page): void {
  const { slot, pages } = held.assignment;
  if (state.backOnce.has(page.id)) {
    isolate(state, held, page);
    return;
  }
  state.backOnce.add(page.id);
  state.schedule.giveBack(slot.id, [page]);
  state.caps.set(slot.id, half(pages.length));
}

function refused(
  state: DispatchState,
  held: Held,
  { page, message, retryAfterSeconds }: Pick<Result<'busy'>, 'page' | 'message' | 'retryAfterSeconds'>,
  out: OpenDecision,
): void {
  const { policy, service, clock } = state;
  const { slot } = held.assignment;
  const answer = service.refused({ slot: slot.id, page: page.id, retryAfterSeconds }, clock.nowMs());
  leaveSchedule(state, held, page);
  policy.endControl(page.id);
  if (answer.by === 'page') {
    const own = { page, reason: 'error', message, streak: 1, isFresh: false, isOwn: true } as const;
    policy.pageFailed(held, own, out);
    return;
  }
  policy.isolation.add(page);
  const attempts = policy.isolation.attemptOf(page.id);
  out.retried.push({ page, slot: slot.id, reason: 'busy', message, attempts });
  if (answer.by === 'given-up') {
    out.hopeless = { message: `the service refuses every request: ${message}`, lines: [] };
  } else if (answer.isNew) out.waits = { seconds: answer.seconds, message };
}

function lost(state: DispatchState, held: Held, result: Result<'lost'>, out: OpenDecision): void {
  const { policy } = state;
  const { lost: worker } = result;
  benchWhereStuck(state, held, worker, out);
  for (const failure of result.failed) {
    if (worker.isPlaceLost && !state.placeLost.has(failure.page.id)) placeLost(state, held, failure.page);
    else fail(state, held, failure, out);
  }
  const told = new Set(result.failed.map(({ page }) => page));
  const undone = new Set(result.evidence.pages.filter((page) => !told.has(page)));
  const done = new Set(result.evidence.finished);
  // What is known to be wrong with a page explains why the child came no further.
  const own = new Set(result.failed.filter(({ isOwn }) => isOwn).map(({ page }) => page));
  const pages = held.assignment.pages.filter(
    (page) => undone.has(page) || done.has(page.id) || own.has(page),
  );
  const evidence = { ...result.evidence, pages };
  const suspicion = suspectsOf(evidence);
  const suspects = suspicion.suspects.filter((page) => !own.has(page));
  const back = suspicion.back.filter((page) => !own.has(page));
  const [first, ...others] = suspects;
  const hasAnswered = policy.common.hasWorked || evidence.finished.length > 0;
  const refusal = first && serviceRefusal(worker.lastWords, first.id, { hasAnswered });
  if (refusal) {
    refused(state, held, { page: first, message: worker.lastWords, ...refusal }, out);
    giveBack(state, held, [...others, ...back]);
    return;
  }
  for (const page of suspects) isolate(state, held, page);
  // That it starts beside others is known by now: where it ends so again, it does so because of the page.
  if (first && !others.length && evidence.finished.length > 0)
    state.diedOn.set(first.id, withoutParticulars(worker.lastWords));
  for (const page of oddOnes(evidence, suspects)) policy.common.suspect(page.id);
  giveBack(state, held, back);
  if (first && evidence.finished.length === 0) policy.batchLost(held, first, worker, { inCompany: false });
}

/** Pages that a child left undone which did others: those that it had in hand, and all before its last good one. */
function oddOnes({ pages, finished }: BatchEvidence, suspects: readonly Page[]): readonly Page[] {
  if (finished.length === 0) return [];
  const done = new Set(finished);
  const last = pages.findLastIndex(({ id }) => done.has(id));
  return [...suspects, ...pages.slice(0, last)];
}

function notStarted(state: DispatchState, held: Held, result: Result<'no-start'>, out: OpenDecision): void {
  const { policy, gate, takes } = state;
  const { remaining, lost: worker, beside, alone } = result;
  const { slot } = held.assignment;
  benchWhereStuck(state, held, worker, out);
  const start = policy.places.startFailed(slot, worker, beside, out);
  const [first, ...others] = remaining;
  if (takes === 'page' || !first) {
    if (start.by === 'device') policy.places.strike(slot, out);
    if (start.by === 'device' && start.isNotTogether) gate.loadTogether();
    giveBack(state, held, remaining);
    return;
  }
  // It found no room beside others, which says nothing of the pages that it had.
  if (worker.isOutOfMemory && start.by !== 'device' && !alone) {
    policy.batchLost(held, first, worker, { inCompany: true });
    giveBack(state, held, remaining);
    return;
  }
  // A program that gets its pages with its start may have died of one, in whatever company: that is believed once.
  const inCompany = state.failedInCompany.get(first.id);
  const diedOn = state.diedOn.get(first.id);
  // What it wrote instead is added to the words of one that finished nothing.
  const isSameEnd = diedOn !== undefined && withoutParticulars(worker.lastWords).startsWith(diedOn);
  const isPages = start.by === 'device' || inCompany !== undefined || isSameEnd;
  if (start.by === 'device' && inCompany === worker.lastWords) gate.loadTogether();
  if (alone && isPages) {
    fail(state, held, alone, out);
    return;
  }
  policy.batchLost(held, first, worker, { inCompany: !isPages });
  if (!isPages) state.failedInCompany.set(first.id, worker.lastWords);
  isolate(state, held, first);
  giveBack(state, held, others);
}

/** Nobody can use a device whose process can't be killed. */
function benchWhereStuck(
  { policy }: DispatchState,
  { assignment }: Held,
  { isStuck = false }: Result<'lost'>['lost'],
  out: OpenDecision,
): void {
  if (isStuck)
    policy.places.bench(gpuIndexOf(assignment.slot), 'A worker is still running after SIGKILL.', out);
}

/** The page waits for a run of its own. */
function isolate(state: DispatchState, held: Held, page: Page): void {
  leaveSchedule(state, held, page);
  state.policy.isolation.add(page);
}

/** Whatever comes of the page, the schedule is done with it. */
function leaveSchedule({ schedule }: DispatchState, { assignment, isIsolated }: Held, page: Page): void {
  if (!isIsolated) schedule.finished(assignment.slot.id, page.id);
}

/** Pages that nothing was found out about: they are tried again where they came from. */
function giveBack(state: DispatchState, { assignment, isIsolated }: Held, pages: readonly Page[]): void {
  const { slot, needsFresh } = assignment;
  if (!isIsolated) {
    state.schedule.giveBack(slot.id, pages);
    return;
  }
  for (const page of pages) {
    if (needsFresh) state.policy.aside.putUrgent(slot, page);
    else state.policy.isolation.add(page);
  }
}

const half = (pages: number): number => Math.max(1, Math.ceil(pages / 2));
