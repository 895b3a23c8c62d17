import { gpuIndexOf } from '../model/slot.ts';
import type { OpenDecision } from './assignment.ts';
import { circumstancesOf, type DispatchState } from './dispatch-state.ts';
import { whyHopeless, whyNothingStarts, wordsOfStarts } from './why-hopeless.ts';

/**
 * Adds to a decision what follows for all: devices that get no more work, pages that have failed for good, and that nothing can
 * go well. `lastLines`: of the worker that was lost last.
 */
export function completeDecision(
  state: DispatchState,
  out: OpenDecision,
  lastLines: readonly string[] = [],
): void {
  const { schedule, policy, inFlight, gate, takes, vacating, cards } = state;
  // What was meant for a device that has struck out is for those that are left.
  const { places } = policy;
  if (!inFlight.isBusy && places.isAnyLeft && !doStartsFailAlike(state)) places.benchStruckOut(out);
  const gone = places.takeGone();
  // Nearly always: nothing follows, and it is done for every page.
  if (gone.length === 0 && policy.isCalm && !out.hopeless) return;
  for (const slot of gone) {
    schedule.retire(slot.id);
    cards?.stopsWaiting(slot.id);
    if (vacating.get(gpuIndexOf(slot)) === slot.id) vacating.delete(gpuIndexOf(slot));
  }
  policy.aside.settleGone(gone, out);
  const circumstances = circumstancesOf(state);
  const standstill = { ...circumstances, takes, hasWork: !isAllDone(state), lastLines };
  if (!gate.isAnyReady) out.hopeless ??= whyNothingStarts(policy, standstill);
  // While somebody is at work, something may still go well.
  if (!inFlight.isBusy) out.hopeless ??= whyHopeless(policy, standstill);
  if (!out.hopeless) policy.flushWhereDecided(circumstances, isAllDone(state), out);
}

/** True where no page is left, at work or waiting, and none can tell of another any more. */
export function isAllDone({ schedule, policy, inFlight }: DispatchState): boolean {
  const isEmpty = schedule.complete && schedule.waiting + policy.aside.waiting === 0 && !inFlight.isBusy;
  return isEmpty && !policy.aside.hasPageToAsk;
}

/** True where it is no device's fault that no worker starts. */
function doStartsFailAlike(state: DispatchState): boolean {
  const { policy, takes } = state;
  // Where a page was done there is nothing more to ask, and that is asked for every page.
  if (policy.places.wordsOfStarts === undefined) return false;
  return wordsOfStarts(policy, { ...circumstancesOf(state), takes }) !== undefined;
}
