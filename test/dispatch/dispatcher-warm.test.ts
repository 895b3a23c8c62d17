import { expect, test } from 'vitest';
import type { Assignment } from '../../src/dispatch/assignment.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { EarlierOutcomes } from '../../src/dispatch/earlier-outcomes.ts';
import type { Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';

const WORDS = { lastWords: 'RuntimeError: no device' };

interface Given {
  readonly gpus?: number;
  readonly workers?: number;
  readonly retries?: number;
  readonly earlier?: EarlierOutcomes;
}

function given(count: number, { gpus = 1, workers = 1, retries = 2, earlier }: Given = {}) {
  const slots: Slot[] = Array.from({ length: gpus * workers }, (_, at) => ({
    id: `gpu${at % gpus}-${Math.floor(at / gpus)}`,
    gpu: { index: at % gpus, vendor: 'nvidia', visibleAs: String(at % gpus) },
  }));
  const pages: Page[] = Array.from({ length: count }, (_, at) => ({ id: `p${at}`, path: `/p${at}` }));
  const schedule = new DynamicSchedule({ slots, costOf: () => 1 });
  schedule.add(pages);
  schedule.close();
  const dispatcher = new Dispatcher({ schedule, slots, retries, mayShareBatch: (some) => some, earlier });
  const slot = (at: number): Slot => slots[at] as Slot;
  const next = async (at: number): Promise<Assignment> => (await dispatcher.next(slot(at), 1)) as Assignment;
  const page = ({ pages: [first] }: Assignment): Page => first as Page;
  const finish = (at: number, work: Assignment): void => {
    dispatcher.finished(slot(at), page(work).id, 1);
    dispatcher.handedBack(slot(at), []);
  };
  const fail = (at: number, work: Assignment) =>
    dispatcher.loneFailed(slot(at), page(work), {
      reason: 'crash',
      message: WORDS.lastWords,
      lost: { withoutSign: false, ...WORDS },
    });
  return { dispatcher, slot, next, page, finish, fail };
}

/** True where the promise has not settled once everything that could run has run. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  const still = Symbol('still');
  const later = new Promise((resolve) => setImmediate(resolve, still));
  return (await Promise.race([promise, later])) === still;
}

test('pages are sent ahead until two a slot are left', () => {
  const { dispatcher, slot } = given(6, { gpus: 2 });
  expect(dispatcher.takeAhead(slot(0))?.id).toBe('p0');
  expect(dispatcher.takeAhead(slot(1))?.id).toBe('p1');
  expect(dispatcher.takeAhead(slot(0))).toBeUndefined();
});

test('a page that was sent ahead and not begun is nobody’s try', async () => {
  const { dispatcher, slot, next, page, finish } = given(9);
  const work = await next(0);
  expect(dispatcher.takeAhead(slot(0))?.id).toBe('p1');
  const { retried } = dispatcher.loneFailed(slot(0), page(work), { reason: 'crash', message: 'x' });
  expect(retried).toMatchObject([{ page: { id: 'p0' }, attempts: 1 }]);
  dispatcher.aheadHandedBack(slot(0));
  const again = await next(0);
  expect(again).toMatchObject({ pages: [{ id: 'p1' }], attempt: 1 });
  const seen: string[] = [];
  for (let each: Assignment | undefined = again; each; each = await next(0)) {
    seen.push(page(each).id);
    finish(0, each);
  }
  expect(seen.toSorted()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8']);
});

test('a page that wants the card to itself waits for one that was sent ahead', async () => {
  const { dispatcher, slot, next, page, finish } = given(7, { workers: 2 });
  const [one, two] = await Promise.all([next(0), next(1)]);
  dispatcher.takeAhead(slot(1));
  dispatcher.loneFailed(slot(0), page(one), { reason: 'oom', message: 'x' });
  for (let left = 4; left > 0; left--) finish(0, await next(0));
  const alone = next(0);
  expect(await waits(alone)).toBe(true);
  // The page at work is done, and the next one lies with the worker already.
  finish(1, two);
  expect(await waits(alone)).toBe(true);
  dispatcher.aheadBegins(slot(1));
  dispatcher.finished(slot(1), 'p2', 1);
  dispatcher.handedBack(slot(1), []);
  expect(await alone).toMatchObject({ pages: [{ id: page(one).id }], attempt: 2 });
});

test('whoever has to wait says so', async () => {
  const { dispatcher, slot, next, finish } = given(1, { gpus: 2 });
  const work = await next(0);
  let idle = 0;
  const none = dispatcher.next(slot(1), 1, () => {
    idle += 1;
  });
  expect(await waits(none)).toBe(true);
  expect(idle).toBe(1);
  finish(0, work);
  void dispatcher.next(slot(0), 1);
  expect(await none).toBeUndefined();
});

test('three workers of a GPU that are never ready bench it, and its page goes elsewhere', async () => {
  const { dispatcher, slot, next, page } = given(9, { gpus: 2 });
  await next(1);
  for (const benched of [[], [], [0]]) {
    const work = await next(0);
    expect(work.attempt).toBe(1);
    expect(dispatcher.startFailed(slot(0), page(work), WORDS)).toMatchObject({
      failed: [],
      retried: [],
      benched,
    });
  }
  expect(await dispatcher.next(slot(0), 1)).toBeUndefined();
  expect(dispatcher.allBenched).toBe(false);
});

test.each([1, 2, 4])(
  'the only GPU, %i workers on it, never ready: hopeless, and no GPU’s fault',
  async (workers) => {
    const { dispatcher, slot, next, page } = given(9, { workers });
    const works = await Promise.all(Array.from({ length: workers }, (_, at) => next(at)));
    for (const [at, work] of works.entries()) dispatcher.startFailed(slot(at), page(work), WORDS);
    while (dispatcher.hopeless === undefined) {
      dispatcher.startFailed(slot(0), page(await next(0)), WORDS);
    }
    expect(dispatcher.hopeless).toBe(WORDS.lastWords);
    expect(dispatcher.allBenched).toBe(false);
    expect(dispatcher.stranded()).toEqual([]);
  },
);

test('on the only GPU nobody starts over and over while one worker is still to tell', async () => {
  const { dispatcher, slot, next, page, finish } = given(9, { workers: 4 });
  const works = await Promise.all([0, 1, 2, 3].map(next));
  for (const at of [0, 1, 2]) dispatcher.startFailed(slot(at), page(works[at] as Assignment), WORDS);
  const waiting = next(0);
  expect(await waits(waiting)).toBe(true);
  finish(3, works[3] as Assignment);
  expect(await waiting).toMatchObject({ attempt: 1 });
  expect(dispatcher.allBenched).toBe(false);
});

test('where the first pages are bad, one from the middle tells that the others are not', async () => {
  const { next, page, fail, finish } = given(9);
  fail(0, await next(0));
  fail(0, await next(0));
  const sample = await next(0);
  expect(page(sample).id).toBe('p5');
  finish(0, sample);
  expect(page(await next(0)).id).toBe('p2');
});

test('a page from the middle that ends like the first ones: nothing works', async () => {
  const { dispatcher, next, fail } = given(9);
  for (let page = 0; page < 3; page += 1) {
    expect(dispatcher.hopeless).toBeUndefined();
    fail(0, await next(0));
  }
  expect(dispatcher.hopeless).toBe(WORDS.lastWords);
});

test('pages that failed in an earlier run say nothing of the others: each has its tries', async () => {
  const { dispatcher, next, fail } = given(4, {
    retries: 0,
    earlier: { hasFailed: () => true, hasDone: () => true },
  });
  for (let page = 0; page < 4; page += 1) {
    expect(fail(0, await next(0)).failed).toHaveLength(1);
    expect(dispatcher.hopeless).toBeUndefined();
  }
  expect(await next(0)).toBeUndefined();
});

test('a few new bad pages beside those that were done before have their tries', async () => {
  const { dispatcher, next, fail } = given(3, {
    retries: 0,
    earlier: { hasFailed: () => false, hasDone: () => true },
  });
  for (let page = 0; page < 3; page += 1) fail(0, await next(0));
  expect(dispatcher.hopeless).toBeUndefined();
  expect(await next(0)).toBeUndefined();
});
