import { expect, test } from 'vitest';
import { Assignments } from '../../src/dispatch/assignments.ts';
import type { Work } from '../../src/dispatch/work.ts';
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
  const assignments = new Assignments({ schedule, slots, retries, mayShareBatch: (some) => some });
  const slot = (index: number): Slot => slots[index] as Slot;
  const next = (index: number): Promise<Work | undefined> => assignments.next(slot(index));
  const finish = (index: number, work: Work): void => {
    for (const page of work.pages) assignments.finished(slot(index), page.id);
    assignments.handedBack(slot(index), []);
  };
  const end = (index: number, work: Work, finished: string, withoutSign = false, lastWords = 'Error: x') =>
    assignments.batchEnded(
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
  const fail = (index: number, work: Work, reason: 'crash' | 'oom' = 'crash', lastWords = 'Error: x') =>
    assignments.loneFailed(slot(index), work.pages[0] as Page, {
      reason,
      message: lastWords,
      lost: { withoutSign: false, lastWords },
    });
  return { assignments, slot, next, finish, end, fail };
}
const ids = (work: Work | undefined): string | undefined => work?.pages.map(({ id }) => id).join(' ');

/** True where the promise has not settled once everything that could run has run. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  const still = Symbol('still');
  const settled = await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, still))]);
  return settled === still;
}

test('a suspect runs alone after the clean pages, and being one costs no try', async () => {
  const { next, end, finish } = given('a b c d');
  const batch = (await next(0)) as Work;
  end(0, batch, 'a');
  const clean = (await next(0)) as Work;
  expect(ids(clean)).toBe('c d');
  finish(0, clean);
  expect(await next(0)).toMatchObject({ pages: [{ id: 'b' }], alone: true, attempt: 1 });
});

test('after a child without a sign of life its suspect is tried at once, and the next batch is half as long', async () => {
  const { next, end, finish } = given('a b c d e f g');
  end(0, (await next(0)) as Work, '', true);
  const probe = (await next(0)) as Work;
  expect(ids(probe)).toBe('a');
  finish(0, probe);
  expect(ids(await next(0))).toBe('b c d');
});

test('a page that fails is tried on the other GPU, then has failed for good', async () => {
  const { next, fail, finish } = given('a b', { gpus: 2, retries: 1 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  expect(fail(0, first)).toMatchObject({ retried: [{ attempts: 1 }], failed: [] });
  const waiting = next(0);
  finish(1, second);
  const again = (await next(1)) as Work;
  expect(again).toMatchObject({ pages: [{ id: 'a' }], attempt: 2 });
  expect(fail(1, again)).toMatchObject({
    retried: [],
    failed: [{ page: { id: 'a' }, attempts: 2, reason: 'crash' }],
  });
  expect(await waiting).toBeUndefined();
});

test('slots wait while pages may still come back, and end when none can', async () => {
  const { next, end, finish } = given('a b c d', { gpus: 2 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  finish(1, second);
  const idle = next(1);
  expect(await waits(idle)).toBe(true);
  end(0, first, '', false);
  const rest = (await next(0)) as Work;
  expect(ids(rest)).toBe('c');
  const suspect = (await idle) as Work;
  expect(ids(suspect)).toBe('a');
  finish(1, suspect);
  finish(0, rest);
  expect([await next(0), await next(1)]).toEqual([undefined, undefined]);
});

test('out of memory beside another worker: tried again only while the card is otherwise idle', async () => {
  const { next, fail, finish } = given('a b', { workers: 2 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  fail(0, first, 'oom');
  const waiting = next(0);
  expect(await waits(waiting)).toBe(true);
  finish(1, second);
  const again = (await waiting) as Work;
  expect(again).toMatchObject({ pages: [{ id: 'a' }], attempt: 2 });
  const neighbour = next(1);
  expect(await waits(neighbour)).toBe(true);
  finish(0, again);
  expect(await neighbour).toBeUndefined();
});

test('a GPU is benched after three children in a row without a sign; its pages go to the others', async () => {
  const { assignments, slot, next, end, finish } = given('a b c d e f g h i j k l m n o p', { gpus: 2 });
  const good = (await next(1)) as Work;
  finish(1, good);
  const idle = next(1);
  let benched: readonly (number | null)[] = [];
  for (let round = 0; round < 3; round += 1) {
    benched = end(0, (await next(0)) as Work, '', true).benched;
    if (round === 2) break;
    const probe = (await next(0)) as Work;
    expect(probe.alone).toBe(true);
    assignments.handedBack(slot(0), probe.pages);
  }
  expect(benched).toEqual([0]);
  expect(await next(0)).toBeUndefined();
  const rest = [(await idle) as Work];
  for (let work: Work | undefined = rest[0]; work; work = await next(1)) {
    finish(1, work);
    rest.push(work);
  }
  expect(new Set(rest.flatMap((work) => work.pages.map(({ id }) => id))).size).toBe(8);
});

test('a GPU that loses workers on pages which others can do is benched', async () => {
  const { assignments, slot, next, end, fail, finish } = given('a b c d e f g h', { gpus: 2 });
  const mine = (await next(1)) as Work;
  end(0, (await next(0)) as Work, '', false);
  const benched: (number | null)[] = [];
  // One from further on as the third: nothing has worked here so far.
  for (const page of ['c', 'g', 'e']) {
    const rest = (await next(0)) as Work;
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
    const again = (await next(1)) as Work;
    for (const page of again.pages) benched.push(...assignments.finished(slot(1), page.id));
    assignments.handedBack(slot(1), []);
  }
  expect(benched).toEqual([0]);
});

test('the same last words everywhere, on every slot and with nothing finished, are hopeless', async () => {
  const { assignments, next, end } = given('a b c d e f', { gpus: 2 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  end(0, first, '', true, "ModuleNotFoundError: No module named 'x' (1)");
  end(1, second, '', true, "ModuleNotFoundError: No module named 'x' (2)");
  expect(assignments.hopeless).toBeUndefined();
  const third = (await next(0)) as Work;
  end(0, third, '', true, "ModuleNotFoundError: No module named 'x' (3)");
  expect(assignments.hopeless).toContain('ModuleNotFoundError');
});

test('two bad first pages of a translator that names none are not hopeless, three are', async () => {
  const { assignments, slot, next, end } = given('a b c d e f');
  const lost = { withoutSign: true, lastWords: 'SIGSEGV' };
  for (const bad of ['a', 'b']) {
    end(0, (await next(0)) as Work, '', true, 'SIGSEGV');
    const probe = (await next(0)) as Work;
    expect(ids(probe)).toBe(bad);
    assignments.loneFailed(slot(0), probe.pages[0] as Page, { reason: 'crash', message: 'SIGSEGV', lost });
    expect(assignments.hopeless).toBeUndefined();
  }
  expect(end(0, (await next(0)) as Work, '', true, 'SIGSEGV')).toMatchObject({ benched: [] });
  expect(assignments.hopeless).toBe('SIGSEGV');
});

test('where all looks broken nobody starts while another may prove that it is not', async () => {
  const { assignments, next, end, finish } = given('a b c d e f g h', { gpus: 2 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  end(0, first, '', true);
  end(1, second, '', true);
  const [third, hopeful] = [(await next(0)) as Work, (await next(1)) as Work];
  end(0, third, '', true);
  const held = next(0);
  expect(await waits(held)).toBe(true);
  expect(assignments.hopeless).toBeUndefined();
  finish(1, hopeful);
  expect(await held).toBeDefined();
});

test('with no GPU left every page that waits has failed as not tried', async () => {
  const { assignments, next, end } = given('a b c d e f g h');
  for (let round = 0; round < 3; round += 1) {
    const work = (await next(0)) as Work;
    if (work.alone)
      assignments.loneFailed(slotsOf(1)[0] as Slot, work.pages[0] as Page, {
        reason: 'crash',
        message: `${round}`,
      });
    else end(0, work, '', true, `word${'x'.repeat(round)}`);
  }
  assignments.bench(0);
  expect(assignments.allBenched).toBe(true);
  const stranded = assignments.stranded();
  expect(
    stranded
      .map(({ page }) => page.id)
      .sort()
      .join(''),
  ).toBe('abcdefgh');
  expect(stranded.filter(({ reason }) => reason === 'not-tried').length).toBeGreaterThan(5);
});

test('nothing is handed out once it is closed', async () => {
  const { assignments, next } = given('a b');
  assignments.close();
  expect(await next(0)).toBeUndefined();
});

test('who waits for a page that no card is left for is told when it has failed', async () => {
  const { assignments, slot, next, end, fail, finish } = given('x b c d', { gpus: 2, retries: 2 });
  const [first, second] = [(await next(0)) as Work, (await next(1)) as Work];
  end(0, first, '');
  const rest = (await next(0)) as Work;
  finish(0, rest);
  const suspect = (await next(0)) as Work;
  fail(0, suspect, 'oom');
  finish(1, second);
  const waiting = next(0);
  expect(await waits(waiting)).toBe(true);
  assignments.bench(1);
  expect(assignments.stranded()).toMatchObject([{ reason: 'oom', attempts: 1 }]);
  expect(await waiting).toBeUndefined();
  expect(await assignments.next(slot(1))).toBeUndefined();
});

test('failures are not gone over again as long as no card is lost', async () => {
  const { assignments, next, fail } = given('a', { retries: 0 });
  fail(0, (await next(0)) as Work);
  expect(assignments.stranded()).toEqual([]);
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
  const assignments = new Assignments({ schedule, slots, retries: 0, mayShareBatch: (some) => some });
  const slot = slots[0] as Slot;
  const { pages } = (await assignments.next(slot, 4)) as Work;
  const [done, suspect] = pages;
  assignments.finished(slot, done?.id ?? '', 1);
  const evidence = { pages, finished: [done?.id ?? ''], outputsSinceNamed: 0, broken: new Map() };
  const named = [done?.id ?? '', suspect?.id ?? ''];
  assignments.batchEnded(slot, { ...evidence, named }, { withoutSign: false, lastWords: 'Error: x' });
  expect(new Set(told)).toEqual(new Set([done?.id, suspect?.id]));
  expect(schedule.waiting).toBe(6);

  const unreadable = (await assignments.next(slot, 2)) as Work;
  assignments.handedBack(slot, unreadable.pages.slice(1));
  expect(told).toContain(unreadable.pages[0]?.id);
  expect(told).not.toContain(unreadable.pages[1]?.id);
});
