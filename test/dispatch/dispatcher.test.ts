import { expect, test } from 'vitest';
import type { Assignment } from '../../src/dispatch/assignment.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { even } from '../../src/schedule/even.ts';

const GIB = 1024 ** 3;
const pagesOf = (text: string): Page[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((id) => ({ id, path: `/${id}` }));
const slotsOf = (gpus: number, workers = 1): Slot[] =>
  Array.from({ length: workers }, (_, worker) =>
    Array.from({ length: gpus }, (_, index) => ({
      id: `gpu${index}-${worker}`,
      gpu: {
        index,
        vendor: 'nvidia' as const,
        visibleAs: String(index),
        memoryTotalBytes: (8 + index) * GIB,
      },
    })),
  ).flat();

function given(pages: string, { gpus = 1, workers = 1, retries = 2 } = {}) {
  const slots = slotsOf(gpus, workers);
  const schedule = even({ pages: pagesOf(pages), slots, costOf: () => 1 });
  const dispatcher = new Dispatcher({ schedule, slots, retries, mayShareBatch: (some) => some });
  const slot = (index: number): Slot => slots[index] as Slot;
  const next = (index: number): Promise<Assignment | undefined> => dispatcher.next(slot(index));
  const finish = (index: number, work: Assignment): void => {
    for (const page of work.pages) dispatcher.finished(slot(index), page.id);
    dispatcher.handedBack(slot(index), []);
  };
  const end = (
    index: number,
    work: Assignment,
    finished: string,
    withoutSign = false,
    lastWords = 'Error: x',
  ) =>
    dispatcher.batchEnded(
      slot(index),
      {
        pages: work.pages,
        finished: pagesOf(finished).map(({ id }) => id),
        named: [],
        outputsSinceNamed: 0,
        broken: new Map(),
      },
      { withoutSign, lastWords },
    );
  const fail = (index: number, work: Assignment, reason: 'crash' | 'oom' = 'crash', lastWords = 'Error: x') =>
    dispatcher.loneFailed(slot(index), work.pages[0] as Page, {
      reason,
      message: lastWords,
      lost: { withoutSign: false, lastWords },
    });
  return { dispatcher, slot, next, finish, end, fail };
}
const ids = (work: Assignment | undefined): string | undefined => work?.pages.map(({ id }) => id).join(' ');

/** True where the promise has not settled once everything that could run has run. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  const still = Symbol('still');
  const settled = await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, still))]);
  return settled === still;
}

test('a suspect runs alone after the clean pages, and being one costs no try', async () => {
  const { next, end, finish } = given('a b c d');
  const batch = (await next(0)) as Assignment;
  end(0, batch, 'a');
  const clean = (await next(0)) as Assignment;
  expect(ids(clean)).toBe('c d');
  finish(0, clean);
  expect(await next(0)).toMatchObject({ pages: [{ id: 'b' }], alone: true, attempt: 1 });
});

test('after a child without a sign of life its suspect is tried at once, and the next batch is half as long', async () => {
  const { next, end, finish } = given('a b c d e f g');
  end(0, (await next(0)) as Assignment, '', true);
  const probe = (await next(0)) as Assignment;
  expect(ids(probe)).toBe('a');
  finish(0, probe);
  expect(ids(await next(0))).toBe('b c d');
});

test('a page that fails is tried on the other GPU, then has failed for good', async () => {
  const { next, fail, finish } = given('a b', { gpus: 2, retries: 1 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  expect(fail(0, first)).toMatchObject({ retried: [{ attempts: 1 }], failed: [] });
  const waiting = next(0);
  finish(1, second);
  const again = (await next(1)) as Assignment;
  expect(again).toMatchObject({ pages: [{ id: 'a' }], attempt: 2 });
  expect(fail(1, again)).toMatchObject({
    retried: [],
    failed: [{ page: { id: 'a' }, attempts: 2, reason: 'crash' }],
  });
  expect(await waiting).toBeUndefined();
});

test('slots wait while pages may still come back, and end when none can', async () => {
  const { next, end, finish } = given('a b c d', { gpus: 2 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  finish(1, second);
  const idle = next(1);
  expect(await waits(idle)).toBe(true);
  end(0, first, '', false);
  const rest = (await next(0)) as Assignment;
  expect(ids(rest)).toBe('c');
  const suspect = (await idle) as Assignment;
  expect(ids(suspect)).toBe('a');
  finish(1, suspect);
  finish(0, rest);
  expect([await next(0), await next(1)]).toEqual([undefined, undefined]);
});

test('out of memory beside another worker: tried again only while the card is otherwise idle', async () => {
  const { next, fail, finish } = given('a b', { workers: 2 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  fail(0, first, 'oom');
  const waiting = next(0);
  expect(await waits(waiting)).toBe(true);
  finish(1, second);
  const again = (await waiting) as Assignment;
  expect(again).toMatchObject({ pages: [{ id: 'a' }], attempt: 2 });
  const neighbour = next(1);
  expect(await waits(neighbour)).toBe(true);
  finish(0, again);
  expect(await neighbour).toBeUndefined();
});

test('a GPU is benched after three children in a row without a sign; its pages go to the others', async () => {
  const { dispatcher, slot, next, end, finish } = given('a b c d e f g h i j k l m n o p', { gpus: 2 });
  const good = (await next(1)) as Assignment;
  finish(1, good);
  const idle = next(1);
  let benched: readonly (number | null)[] = [];
  for (let round = 0; round < 3; round += 1) {
    benched = end(0, (await next(0)) as Assignment, '', true).benched;
    if (round === 2) break;
    const probe = (await next(0)) as Assignment;
    expect(probe.alone).toBe(true);
    dispatcher.handedBack(slot(0), probe.pages);
  }
  expect(benched).toEqual([0]);
  expect(await next(0)).toBeUndefined();
  const rest = [(await idle) as Assignment];
  for (let work: Assignment | undefined = rest[0]; work; work = await next(1)) {
    finish(1, work);
    rest.push(work);
  }
  expect(new Set(rest.flatMap((work) => work.pages.map(({ id }) => id))).size).toBe(8);
});

test('a GPU that loses workers on pages which others can do is benched', async () => {
  const { dispatcher, slot, next, end, fail, finish } = given('a b c d e f g h', { gpus: 2 });
  const mine = (await next(1)) as Assignment;
  end(0, (await next(0)) as Assignment, '', false);
  const benched: (number | null)[] = [];
  // One from further on as the third: nothing has worked here so far.
  for (const page of ['c', 'g', 'e']) {
    const rest = (await next(0)) as Assignment;
    expect(ids(rest)?.startsWith(page)).toBe(true);
    if (!rest.alone) end(0, rest, '', false);
    else fail(0, rest);
  }
  // Alone on GPU 0 they fail too; on GPU 1 they finish.
  for (
    let work = await next(0);
    work && work.attempt === 1;
    work = await Promise.race([next(0), undefined])
  ) {
    fail(0, work);
  }
  finish(1, mine);
  for (let turn = 0; turn < 3; turn += 1) {
    const again = (await next(1)) as Assignment;
    for (const page of again.pages) benched.push(...dispatcher.finished(slot(1), page.id));
    dispatcher.handedBack(slot(1), []);
  }
  expect(benched).toEqual([0]);
});

test('the same last words everywhere, on every slot and with nothing finished, are hopeless', async () => {
  const { dispatcher, next, end } = given('a b c d e f', { gpus: 2 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  end(0, first, '', true, "ModuleNotFoundError: No module named 'x' (1)");
  end(1, second, '', true, "ModuleNotFoundError: No module named 'x' (2)");
  expect(dispatcher.hopeless).toBeUndefined();
  const third = (await next(0)) as Assignment;
  end(0, third, '', true, "ModuleNotFoundError: No module named 'x' (3)");
  expect(dispatcher.hopeless).toContain('ModuleNotFoundError');
});

test('two bad first pages of a translator that names none are not hopeless, three are', async () => {
  const { dispatcher, slot, next, end } = given('a b c d e f');
  const lost = { withoutSign: true, lastWords: 'SIGSEGV' };
  for (const bad of ['a', 'b']) {
    end(0, (await next(0)) as Assignment, '', true, 'SIGSEGV');
    const probe = (await next(0)) as Assignment;
    expect(ids(probe)).toBe(bad);
    dispatcher.loneFailed(slot(0), probe.pages[0] as Page, { reason: 'crash', message: 'SIGSEGV', lost });
    expect(dispatcher.hopeless).toBeUndefined();
  }
  expect(end(0, (await next(0)) as Assignment, '', true, 'SIGSEGV')).toMatchObject({ benched: [] });
  expect(dispatcher.hopeless).toBe('SIGSEGV');
});

test('where all looks broken nobody starts while another may prove that it is not', async () => {
  const { dispatcher, next, end, finish } = given('a b c d e f g h', { gpus: 2 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  end(0, first, '', true);
  end(1, second, '', true);
  const [third, hopeful] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  end(0, third, '', true);
  const held = next(0);
  expect(await waits(held)).toBe(true);
  expect(dispatcher.hopeless).toBeUndefined();
  finish(1, hopeful);
  expect(await held).toBeDefined();
});

test('with no GPU left every page that waits has failed as not tried', async () => {
  const { dispatcher, next, end } = given('a b c d e f g h');
  for (let round = 0; round < 3; round += 1) {
    const work = (await next(0)) as Assignment;
    if (work.alone)
      dispatcher.loneFailed(slotsOf(1)[0] as Slot, work.pages[0] as Page, {
        reason: 'crash',
        message: `${round}`,
      });
    else end(0, work, '', true, `word${'x'.repeat(round)}`);
  }
  dispatcher.bench(0);
  expect(dispatcher.allBenched).toBe(true);
  const stranded = dispatcher.stranded();
  expect(
    stranded
      .map(({ page }) => page.id)
      .sort()
      .join(''),
  ).toBe('abcdefgh');
  expect(stranded.filter(({ reason }) => reason === 'not-tried').length).toBeGreaterThan(5);
});

test('nothing is handed out once it is closed', async () => {
  const { dispatcher, next } = given('a b');
  dispatcher.close();
  expect(await next(0)).toBeUndefined();
});

test('who waits for a page that no card is left for is told when it has failed', async () => {
  const { dispatcher, slot, next, end, fail, finish } = given('x b c d', { gpus: 2, retries: 2 });
  const [first, second] = [(await next(0)) as Assignment, (await next(1)) as Assignment];
  end(0, first, '');
  const rest = (await next(0)) as Assignment;
  finish(0, rest);
  const suspect = (await next(0)) as Assignment;
  fail(0, suspect, 'oom');
  finish(1, second);
  const waiting = next(0);
  expect(await waits(waiting)).toBe(true);
  dispatcher.bench(1);
  expect(dispatcher.stranded()).toMatchObject([{ reason: 'oom', attempts: 1 }]);
  expect(await waiting).toBeUndefined();
  expect(await dispatcher.next(slot(1))).toBeUndefined();
});

test('failures are not gone over again as long as no card is lost', async () => {
  const { dispatcher, next, fail } = given('a', { retries: 0 });
  fail(0, (await next(0)) as Assignment);
  expect(dispatcher.stranded()).toEqual([]);
});

test('whatever became of a batch, the schedule knows which of its pages come no more', async () => {
  const slots = slotsOf(2);
  const schedule = new DynamicSchedule({ slots, costOf: () => 1 });
  schedule.add(pagesOf('a b c d e f g h'));
  schedule.close();
  const told: string[] = [];
  const finished = schedule.finished.bind(schedule);
  schedule.finished = (slot, page, seconds) => {
    told.push(page);
    finished(slot, page, seconds);
  };
  const dispatcher = new Dispatcher({ schedule, slots, retries: 0, mayShareBatch: (some) => some });
  const slot = slots[0] as Slot;
  const { pages } = (await dispatcher.next(slot, 4)) as Assignment;
  const [done, suspect] = pages;
  dispatcher.finished(slot, done?.id ?? '', 1);
  const evidence = { pages, finished: [done?.id ?? ''], outputsSinceNamed: 0, broken: new Map() };
  const named = [done?.id ?? '', suspect?.id ?? ''];
  dispatcher.batchEnded(slot, { ...evidence, named }, { withoutSign: false, lastWords: 'Error: x' });
  expect(new Set(told)).toEqual(new Set([done?.id, suspect?.id]));
  expect(schedule.waiting).toBe(6);

  const unreadable = (await dispatcher.next(slot, 2)) as Assignment;
  dispatcher.handedBack(slot, unreadable.pages.slice(1));
  expect(told).toContain(unreadable.pages[0]?.id);
  expect(told).not.toContain(unreadable.pages[1]?.id);
});
