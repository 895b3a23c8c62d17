import { describe, expect, test } from 'vitest';
import { NamingHabit } from '../../src/workers/naming-habit.ts';
import { PageSeconds } from '../../src/workers/page-seconds.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

const LOOK_MS = 250;

interface Happening {
  readonly atMs: number;
  readonly page: string;
  /** A line that names the page, or its file written; `late`: a file with a time that is heard of much later. */
  readonly what: 'name' | 'file';
}

const pagesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n + 1}.png`);

/** A child's happenings, as the launcher hears and looks: every page that the child went on from is taken at a look. */
function reckon(
  happenings: readonly Happening[],
  { habit = new NamingHabit() } = {},
): (number | undefined)[] {
  const finished = new Set<string>();
  const seconds = new Map<string, number>();
  const times = new PageSeconds({ startedMs: 0, habit, isFinished: (page) => finished.has(page) });
  const inOrder = [...happenings].sort((one, other) => one.atMs - other.atMs);
  const open = new Map<string, number>();
  let current: string | undefined;
  const take = (pages: readonly string[]): void => {
    for (const [page, took] of times.take(pages)) seconds.set(page, took);
    for (const page of pages) {
      open.delete(page);
      finished.add(page);
    }
  };
  const endMs = inOrder.at(-1)?.atMs ?? 0;
  let next = 0;
  for (let lookMs = LOOK_MS; lookMs < endMs + LOOK_MS; lookMs += LOOK_MS) {
    for (let one = inOrder[next]; one && one.atMs <= lookMs; one = inOrder[++next]) {
      current = one.page;
      if (one.what === 'name') times.named(one.page, one.atMs);
      else if (!finished.has(one.page)) {
        open.set(one.page, one.atMs);
        times.written(one.page, one.atMs);
      }
    }
    take([...open.keys()].filter((page) => page !== current));
  }
  take([...open.keys()]);
  const pages = new Set(happenings.filter(({ what }) => what === 'file').map(({ page }) => page));
  return [...pages].map((page) => seconds.get(page));
}

interface Habit {
  readonly names?: readonly ('before' | 'saving' | 'after' | 'list')[];
  readonly seconds?: readonly number[];
  readonly load?: number;
  /** Pages that leave no output. */
  readonly failing?: readonly number[];
  readonly workers?: number;
}

/** A script with a habit: the launcher hears of a name two milliseconds after it was printed. */
function script({ names = [], seconds = [], load = 0, failing = [], workers = 1 }: Habit): Happening[] {
  const pages = pagesOf(seconds.length);
  const heard: Happening[] = [];
  const name = (page: string, atMs: number): void => void heard.push({ what: 'name', page, atMs: atMs + 2 });
  if (names.includes('list')) for (const page of pages) name(page, 5);
  const freeMs = Array.from({ length: workers }, () => 10 + load * 1000);
  for (const [n, page] of pages.entries()) {
    const worker = freeMs.indexOf(Math.min(...freeMs));
    const beginMs = freeMs[worker] ?? 0;
    const endMs = beginMs + (seconds[n] ?? 0) * 1000;
    freeMs[worker] = endMs;
    if (names.includes('before')) name(page, beginMs);
    if (names.includes('saving')) name(page, endMs - 12);
    if (!failing.includes(n)) heard.push({ what: 'file', page, atMs: endMs });
    // A kernel's coarse clock and whole milliseconds make a name seem to come before its file.
    if (names.includes('after')) name(page, endMs - (n % 2) * 2.5);
  }
  return heard;
}

const alike = (count: number, seconds = 0.4): number[] => Array.from({ length: count }, () => seconds);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const known = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** The mean is true within 5 %, and no page has next to no time. */
function expectTrue(found: readonly (number | undefined)[], seconds: number, { unknown = 0 } = {}): void {
  const times = known(found);
  expect(found.length - times.length).toBeLessThanOrEqual(unknown);
  expect(Math.abs(mean(times) / seconds - 1)).toBeLessThan(0.05);
  expect(Math.min(...times)).toBeGreaterThan(median(times) / 100);
}

describe.each([0, 1.5, 30])('after a load of %s s', (load) => {
  test.each<{ habit: Habit['names']; unknown: number }>([
    { habit: ['before'], unknown: 0 },
    { habit: ['before', 'after'], unknown: 0 },
    { habit: ['before', 'saving'], unknown: 0 },
    { habit: ['list', 'before'], unknown: 0 },
    { habit: ['after'], unknown: 1 },
    { habit: ['saving'], unknown: 1 },
    { habit: ['saving', 'after'], unknown: 1 },
    { habit: [], unknown: 1 },
    { habit: ['list'], unknown: 1 },
    { habit: ['list', 'after'], unknown: 1 },
  ])('names $habit', ({ habit = [], unknown }) => {
    expectTrue(reckon(script({ names: habit, seconds: alike(20), load })), 0.4, { unknown });
    expectTrue(reckon(script({ names: habit, seconds: alike(3), load })), 0.4, { unknown });
  });

  test.each<{ names: NonNullable<Habit['names']> }>([
    { names: ['before'] },
    { names: ['after'] },
    { names: ['saving'] },
    { names: [] },
  ])('a pool of four shares its time, names $names', ({ names }) => {
    const found = reckon(script({ names, seconds: alike(40, 1), load, workers: 4 }));
    expectTrue(found, 0.25, { unknown: 4 });
    const uneven = Array.from({ length: 160 }, (_, n) => 1 + ((n * 7) % 5) / 20);
    expectTrue(reckon(script({ names, seconds: uneven, load, workers: 4 })), mean(uneven) / 4, {
      unknown: 4,
    });
  });
});

test.each<{ names: NonNullable<Habit['names']> }>([
  { names: ['before'] },
  { names: ['after'] },
  { names: ['before', 'after'] },
])("the time of a page without an output is nobody else's, names $names", ({ names }) => {
  const seconds = [0.4, 0.4, 5, 0.4, 0.4, 0.9, 0.4, 0.4, 0.4];
  expectTrue(reckon(script({ names, seconds, failing: [2, 5], load: 1 })), 0.4, { unknown: 1 });
});

test('pages of different length keep their own seconds', () => {
  const seconds = [3, 0.5, 10, 0.3, 2, 7];
  for (const names of [['before'], ['after'], []] as const) {
    const found = reckon(script({ names, seconds, load: 2 }));
    for (const [n, took] of found.entries())
      if (took !== undefined) expect(took).toBeCloseTo(seconds[n] ?? 0, 1);
    expect(known(found).length).toBeGreaterThanOrEqual(5);
  }
});

test('a child with one page: known where its name marks the beginning, never guessed', () => {
  const one = (names: NonNullable<Habit['names']>, habit = new NamingHabit()) =>
    reckon(script({ names, seconds: [3], load: 10 }), { habit })[0];
  expect(one(['before'])).toBeCloseTo(3, 1);
  expect(one(['after'])).toBeUndefined();
  expect(one(['saving'])).toBeUndefined();
  expect(one([])).toBeUndefined();
  // What the children before it did tells what a name means.
  const habit = new NamingHabit();
  reckon(script({ names: ['before'], seconds: alike(5), load: 100 }), { habit });
  expect(reckon(script({ names: ['before'], seconds: [3], load: 100 }), { habit })[0]).toBeCloseTo(3, 1);
  const listed = new NamingHabit();
  reckon(script({ names: ['list'], seconds: alike(5) }), { habit: listed });
  expect(one(['list'], listed)).toBeUndefined();
});

test('a page that goes on to the next before it is written', () => {
  const late = script({ names: ['before'], seconds: alike(20) }).map((one) =>
    one.what === 'file' ? { ...one, atMs: one.atMs + 15 } : one,
  );
  expectTrue(reckon(late), 0.4, { unknown: 1 });
});

test('a copied tree times no page; what is written over it does', () => {
  const copies = pagesOf(100).map((page) => ({ what: 'file', page, atMs: 20 }) as const);
  const times = new PageSeconds({ startedMs: 0, isFinished: () => false });
  for (const { page, atMs } of copies) times.written(page, atMs);
  for (let n = 1; n <= 50; n += 1) times.written(`${n}.png`, 2000 + n * 400);
  const written = times.take(pagesOf(50));
  expectTrue([...written.values()], 0.4);
  expect(written.size).toBe(49);
  expect(times.take(pagesOf(100).slice(50)).size).toBe(0);
});

test('a file that was seen half written counts from when it was complete', () => {
  const times = new PageSeconds({ startedMs: 0, isFinished: () => false });
  times.written('1.png', 1000);
  times.written('2.png', 1900);
  times.take(['1.png']);
  times.written('2.png', 2000);
  times.written('3.png', 2900);
  expect(times.take(['2.png']).get('2.png')).toBe(1);
  times.written('3.png', 3000);
  expect(times.take(['3.png']).get('3.png')).toBe(1);
});

test('a batch of 20,000 pages and a log that names two pages in turn for ever cost next to nothing', () => {
  const times = new PageSeconds({ startedMs: 0, isFinished: () => false });
  const pages = pagesOf(20_000);
  const ms = processorMs(() => {
    for (let n = 0; n < 200_000; n += 1) times.named(`${n % 2}.png`, n / 1000);
    for (const page of pages) times.written(page, 5000);
    for (const [n, page] of pages.entries()) {
      times.written(page, 10_000 + n * 400);
      times.take([page]);
    }
  });
  expect(ms).toBeLessThan(5000);
});
