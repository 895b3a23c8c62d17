import { expect, test } from 'vitest';
import type { Assignment, AttemptResult, WorkAssignment } from '../../src/dispatch/assignment.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { EarlierOutcomes } from '../../src/dispatch/earlier-outcomes.ts';
import { LoadGate } from '../../src/dispatch/load-gate.ts';
import type { Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { SimulatedClock } from './simulated-clock.ts';

interface Given {
  readonly gpus?: number;
  readonly takes?: 'page' | 'batch';
  readonly strategy?: 'dynamic' | 'even';
  readonly earlier?: EarlierOutcomes;
  readonly retries?: number;
}

function given(
  pages: string,
  { gpus = 1, takes = 'page', strategy = 'dynamic', earlier, retries = 2 }: Given = {},
) {
  const slots: Slot[] = Array.from({ length: gpus }, (_, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', visibleAs: `${index}` },
  }));
  const all = pages.split(' ').map((id) => ({ id, path: `/${id}` }));
  const stop = new AbortController();
  const dispatcher = new Dispatcher({
    schedule: makeSchedule(strategy, { pages: all, slots, costs: new Costs() }),
    slots,
    takes,
    retries,
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: true }),
    stop: stop.signal,
    clock: new SimulatedClock(),
    ...(earlier && { earlier }),
  });
  const slot = (at: number): Slot => slots[at] as Slot;
  const next = (at: number): Promise<Assignment | undefined> => dispatcher.next(slot(at));
  const work = async (at: number): Promise<WorkAssignment> => (await next(at)) as WorkAssignment;
  const settle = (assignment: WorkAssignment, result: AttemptResult) => dispatcher.settle(assignment, result);
  const finish = (assignment: WorkAssignment): void => {
    for (const page of assignment.pages) dispatcher.pageDone(assignment, page);
    settle(assignment, { by: 'ended', failed: [], remaining: [] });
  };
  const failure = (page: Page, message = 'x') => ({
    page,
    reason: 'error' as const,
    message,
    streak: 1,
    isFresh: true,
  });
  const fail = (assignment: WorkAssignment) =>
    settle(assignment, { by: 'ended', failed: assignment.pages.map((page) => failure(page)), remaining: [] });
  return { dispatcher, slot, next, work, settle, finish, fail, failure, stop };
}

const ids = (assignment: Assignment | undefined): string | undefined =>
  assignment?.by === 'work' ? assignment.pages.map(({ id }) => id).join(' ') : assignment?.by;

/** True where the promise has not settled once everything that could run has run. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  const still = Symbol('still');
  return (await Promise.race([promise, new Promise((done) => setImmediate(done, still))])) === still;
}

test.each([
  ['names its pages', { finished: ['a'], named: ['a', 'b'] }],
  ['names none', { finished: ['a'], named: [] }],
  ['gave no sign', { finished: [], named: [] }],
])(
  'a page with a broken source explains why a child that %s came no further: no other runs alone',
  async (_habit, signs) => {
    const { dispatcher, work, settle, failure } = given('a b c d', { takes: 'batch', strategy: 'even' });
    const batch = await work(0);
    const [first, ...rest] = batch.pages;
    if (signs.finished.length > 0 && first) dispatcher.pageDone(batch, first);
    const [bad, ...others] = signs.finished.length > 0 ? rest : batch.pages;
    if (!bad) throw new Error('no page');
    const decision = settle(batch, {
      by: 'lost',
      failed: [{ ...failure(bad), reason: 'unreadable', isOwn: true }],
      evidence: { pages: others, outputsSinceNamed: 0, broken: new Map(), ...signs },
      lost: { withoutSign: false, lastWords: 'x', lastLines: ['x'] },
    });
    expect(decision).toMatchObject({
      failed: [{ page: bad, attempts: 1 }],
      retried: [],
      benched: [],
      retired: [],
    });
    expect(ids(await work(0))).toBe(others.map(({ id }) => id).join(' '));
  },
);

test('slots wait while pages may still come back, and end when none can', async () => {
  const { next, work, finish, fail } = given('a b', { gpus: 2 });
  const [first, second] = [await work(0), await work(1)];
  finish(second);
  const idle = next(1);
  expect(await waits(idle)).toBe(true);
  fail(first);
  const again = (await idle) as WorkAssignment;
  expect(again).toMatchObject({ pages: [{ id: 'a' }], attempt: 2 });
  finish(again);
  expect([await next(0), await next(1)]).toEqual([undefined, undefined]);
});

test('whoever has to wait says so', async () => {
  const { dispatcher, slot, work, finish } = given('a', { gpus: 2 });
  const only = await work(0);
  let idle = 0;
  const none = dispatcher.next(slot(1), {
    onIdle: () => {
      idle += 1;
    },
  });
  expect(await waits(none)).toBe(true);
  expect(idle).toBeGreaterThan(0);
  finish(only);
  void dispatcher.next(slot(0));
  expect(await none).toBeUndefined();
});

test('nothing is handed out once the run stops, but for what a worker has already', async () => {
  const { dispatcher, slot, next, work, finish, stop } = given('a b c d e f');
  const first = await work(0);
  const sent = await dispatcher.next(slot(0), { ahead: 'send' });
  stop.abort();
  finish(first);
  expect(ids(await next(0))).toBe(ids(sent));
  finish(sent as WorkAssignment);
  expect(await next(0)).toBeUndefined();
});

test('a page that is held goes back when the run stops', async () => {
  const { dispatcher, slot, next, work, finish, stop } = given('a b c d e f');
  const first = await work(0);
  expect(ids(await dispatcher.next(slot(0), { ahead: 'hold' }))).toBe('b');
  stop.abort();
  finish(first);
  expect(await next(0)).toBeUndefined();
});

test.each(['hold', 'send'] as const)(
  'a page ahead (%s) goes to whoever is free before only if it is held',
  async (ahead) => {
    const { dispatcher, slot, next, work, finish } = given('a b c d e f g h', { gpus: 2 });
    await work(0);
    finish(await work(1));
    expect(ids(await dispatcher.next(slot(0), { ahead }))).toBe('c');
    for (const page of ['d', 'e', 'f', 'g', 'h']) {
      const assignment = await work(1);
      expect(ids(assignment)).toBe(page);
      finish(assignment);
    }
    const last = next(1);
    if (ahead === 'hold') expect(ids(await last)).toBe('c');
    else expect(await waits(last)).toBe(true);
  },
);

test('one page may be held after the one that a worker has: others take it, and never that one', async () => {
  const { dispatcher, slot, next, work, finish } = given('a b c d e f g h i j k l m n o p', { gpus: 2 });
  const first = await work(0);
  finish(await work(1));
  expect(ids(await dispatcher.next(slot(0), { ahead: 'send' }))).toBe('c');
  expect(ids(await dispatcher.next(slot(0), { ahead: 'hold' }))).toBe('d');
  for (const page of [...'efghijklmnop', 'd']) {
    const assignment = await work(1);
    expect(ids(assignment)).toBe(page);
    finish(assignment);
  }
  const none = next(1);
  expect(await waits(none)).toBe(true);
  finish(first);
  const sent = await work(0);
  expect(ids(sent)).toBe('c');
  finish(sent);
  expect(await next(0)).toBeUndefined();
  expect(await none).toBeUndefined();
});

test('a page that is held after the one that a worker has is sent when that one begins', async () => {
  const { dispatcher, slot, work, finish, stop, next } = given('a b c d e f g h i j k l m n o p', {
    gpus: 2,
  });
  const first = await work(0);
  expect(ids(await dispatcher.next(slot(0), { ahead: 'send' }))).toBe('b');
  expect(ids(await dispatcher.next(slot(0), { ahead: 'hold' }))).toBe('c');
  finish(first);
  finish(await work(0));
  expect(ids(await dispatcher.next(slot(0), { ahead: 'send' }))).toBe('c');
  stop.abort();
  expect(ids(await next(0))).toBe('c');
});

test('a page of a shard stays with its slot, and looking for it in vain wakes nobody', async () => {
  const { dispatcher, slot, next, work, finish } = given('a b c d', { gpus: 2, strategy: 'even' });
  const first = await work(0);
  expect(ids(await dispatcher.next(slot(0), { ahead: 'hold' }))).toBe('c');
  finish(await work(1));
  finish(await work(1));
  expect(await waits(next(1))).toBe(true);
  finish(first);
  expect(ids(await next(0))).toBe('c');
});

test('what is held goes back after a failure: what comes next is chosen anew', async () => {
  const { dispatcher, slot, next, work, settle, failure } = given('a b c d e f');
  const first = await work(0);
  await dispatcher.next(slot(0), { ahead: 'hold' });
  const [page] = first.pages;
  settle(first, { by: 'ended', failed: [{ ...failure(page as Page), isOwn: true }], remaining: [] });
  expect(ids(await next(0))).toBe('b');
});

test('each page of an assignment is told of once', async () => {
  const { work, settle, failure } = given('a b c d', { takes: 'batch' });
  const batch = await work(0);
  const [first, ...others] = batch.pages as [Page, ...Page[]];
  const failed = [failure(first)];
  expect(() => settle(batch, { by: 'ended', failed, remaining: [] })).toThrow('said nothing of b');
  expect(() => settle(batch, { by: 'ended', failed, remaining: batch.pages })).toThrow('told of a twice');
  settle(batch, { by: 'ended', failed, remaining: others });
  expect(() => settle(batch, { by: 'returned', remaining: [] })).toThrow('nothing to settle');
});

test('a page that is its own cause has failed at once, and one that no process had has no try', async () => {
  const { work, settle, failure } = given('a b');
  const first = await work(0);
  const own = first.pages.map((page) => ({ ...failure(page), isOwn: true }));
  expect(settle(first, { by: 'ended', failed: own, remaining: [] }).failed).toMatchObject([
    { page: { id: 'a' }, attempts: 1, slot: 'gpu0-0' },
  ]);
  const second = await work(0);
  const unread = second.pages.map((page) => ({ ...failure(page), streak: 0 }));
  expect(settle(second, { by: 'returned', remaining: [], failed: unread }).failed).toEqual([
    { page: second.pages[0], reason: 'error', message: 'x', attempts: 0 },
  ]);
});

test('the last slot is gone: the run can not go on', async () => {
  const { dispatcher, slot, next, work, finish } = given('a b c');
  finish(await work(0));
  expect(dispatcher.retire(slot(0), 'no room')).toMatchObject({
    retired: [{ why: 'no room' }],
    hopeless: { message: 'no slot is left' },
  });
  expect(await next(0)).toBeUndefined();
});

test('pages that failed in an earlier run say nothing of the others: each has its tries', async () => {
  const bad = { hasFailed: () => true, hasDone: () => true };
  const { next, fail } = given('a b c d e f g h', { earlier: bad });
  let failed = 0;
  for (let again = await next(0); again?.by === 'work'; again = await next(0)) {
    const decision = fail(again);
    expect(decision.hopeless).toBeUndefined();
    failed += decision.failed.length;
  }
  expect(failed).toBe(8);
});

test('a page whose last try is over when the list of pages ends has failed all the same', async () => {
  const slots: Slot[] = [{ id: 'cpu-0', gpu: null }];
  const schedule = new DynamicSchedule({ slots, costs: new Costs() });
  const only = { id: 'a', path: '/a' };
  schedule.add([only]);
  const dispatcher = new Dispatcher({
    schedule,
    slots,
    takes: 'page',
    retries: 0,
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: true }),
    stop: new AbortController().signal,
    clock: new SimulatedClock(),
  });
  const [slot] = slots as [Slot];
  const assignment = (await dispatcher.next(slot)) as WorkAssignment;
  const failed = { page: only, reason: 'error', message: 'x', streak: 1, isFresh: true } as const;
  const { failed: told } = dispatcher.settle(assignment, { by: 'ended', failed: [failed], remaining: [] });
  const end = dispatcher.next(slot);
  schedule.close();
  expect(await end).toBeUndefined();
  expect([...told, ...dispatcher.finish().failed]).toMatchObject([{ page: only, attempts: 1 }]);
});

test('of pages that find no room alone in a fresh process the larger ones have failed, and nobody waits for them', async () => {
  const { dispatcher, next, work, finish, settle } = given('good a b c d');
  finish(await work(0));
  const failed: string[] = [];
  for (let assignment = await next(0); assignment?.by === 'work'; assignment = await next(0)) {
    const [page] = assignment.pages as [Page];
    const isFresh = assignment.needsFresh;
    const decision = settle(assignment, {
      by: 'ended',
      failed: [{ page, reason: 'oom', message: 'CUDA out of memory', streak: 1, isFresh }],
      remaining: [],
    });
    failed.push(...decision.failed.map(({ page: { id } }) => id));
  }
  failed.push(...dispatcher.finish().failed.map(({ page: { id } }) => id));
  expect(failed.toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('an assignment says whether its page would get another try', async () => {
  const { work, finish, fail } = given('a b');
  finish(await work(0));
  const isLast: boolean[] = [];
  for (let tried = 0; tried < 3; tried++) {
    const assignment = await work(0);
    isLast.push(assignment.isLastTry);
    fail(assignment);
  }
  expect(isLast).toEqual([false, false, true]);
});

test('without retries every try is the last', async () => {
  const { work } = given('a b', { retries: 0 });
  expect((await work(0)).isLastTry).toBe(true);
});
