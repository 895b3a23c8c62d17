import { expect, test } from 'vitest';
import type { WorkAssignment } from '../../src/dispatch/assignment.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { LoadGate } from '../../src/dispatch/load-gate.ts';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';

const slotOn = (node: number, place = 0): Slot => ({
  id: `node${node}-gpu${node}-${place}`,
  gpu: { index: node, node: `node${node}`, vendor: 'nvidia', visibleAs: '0' },
});
const PAGES = ['1.png', '2.png'].map((id) => ({ id, path: `/in/${id}` }));

/** A run without a slot at first: they join as their places are there. */
function started(mayJoin: () => boolean = () => true) {
  const schedule = new DynamicSchedule({ slots: [], costs: new Costs() });
  schedule.add(PAGES);
  schedule.close();
  return new Dispatcher({
    schedule,
    slots: [],
    mayJoin,
    takes: 'page',
    retries: 2,
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: true }),
    stop: new AbortController().signal,
  });
}

const take = async (dispatcher: Dispatcher, slot: Slot): Promise<WorkAssignment> => {
  const assignment = await dispatcher.next(slot);
  if (assignment?.by !== 'work') throw new Error('no work');
  return assignment;
};

/** The slot's place is lost with the page in its worker's hands. */
function loseWith(dispatcher: Dispatcher, assignment: WorkAssignment, isPlaceLost: boolean) {
  const retired = dispatcher.retire(assignment.slot, 'its node is gone');
  const [page] = assignment.pages;
  if (!page) throw new Error('no page');
  const settled = dispatcher.settle(assignment, {
    by: 'lost',
    failed: [{ page, reason: 'crash', message: 'its node is gone', streak: 1, isFresh: true }],
    evidence: { pages: [], finished: [], named: [], outputsSinceNamed: 0, broken: new Map() },
    lost: { withoutSign: false, lastWords: 'its node is gone', lastLines: [], isPlaceLost },
  });
  return { retired, settled };
}

test('a page whose node is lost goes back without an attempt, and counts from the second time on', async () => {
  const dispatcher = started();
  const first = slotOn(1);
  dispatcher.join(first);
  const assignment = await take(dispatcher, first);
  expect(assignment.pages).toEqual([PAGES[0]]);
  const once = loseWith(dispatcher, assignment, true);
  // Nobody is there, and that is no reason to end the run.
  expect(once.settled).toMatchObject({ retried: [], failed: [], hopeless: undefined });
  expect(dispatcher.attemptOf('1.png')).toBe(1);
  expect(dispatcher.hasWork).toBe(true);

  const second = slotOn(2);
  dispatcher.join(second);
  const again = await take(dispatcher, second);
  expect(again.pages).toEqual([PAGES[0]]);
  const twice = loseWith(dispatcher, again, true);
  expect(twice.settled).toMatchObject({ retried: [{ page: PAGES[0], attempts: 1 }], failed: [] });
  expect(dispatcher.attemptOf('1.png')).toBe(2);
});

test('a page whose GPU was lost alone counts, and is tried again once another GPU joins', async () => {
  const dispatcher = started();
  const first = slotOn(1);
  dispatcher.join(first);
  const { settled } = loseWith(dispatcher, await take(dispatcher, first), false);
  expect(settled).toMatchObject({ retried: [{ attempts: 1 }], failed: [] });
  const next = slotOn(1, 1);
  dispatcher.join(next);
  for (const page of [PAGES[1], PAGES[0]]) {
    const assignment = await take(dispatcher, next);
    expect(assignment.pages).toEqual([page]);
    for (const done of assignment.pages) dispatcher.pageDone(assignment, done);
    dispatcher.settle(assignment, { by: 'ended', failed: [], remaining: [] });
  }
  expect(dispatcher.hasWork).toBe(false);
});

test('where no slot can join any more, a run without one ends', async () => {
  const dispatcher = started(() => false);
  const first = slotOn(1);
  dispatcher.join(first);
  const { settled } = loseWith(dispatcher, await take(dispatcher, first), true);
  expect(settled.hopeless).toMatchObject({ message: 'no slot is left' });
});
