import { expect, test } from 'vitest';
import { PageTimes, whatOtherSaves } from '../../src/report/what-if.ts';

const timesOf = (seconds: Readonly<Record<string, number>>, pages: number): PageTimes => {
  const times = new PageTimes();
  for (const [slot, each] of Object.entries(seconds))
    for (let n = 0; n < pages; n += 1) times.add(slot, each);
  return times;
};

const even = { strategy: 'even', kindOf: (slot: string) => slot, loadSeconds: 0, warm: true };

test('cards of different kinds are weighed by their speed', () => {
  const times = timesOf({ fast: 1, slow: 2 }, 100);
  expect(whatOtherSaves({ ...even, times })).toEqual({ strategy: 'dynamic', seconds: 66 });
  expect(whatOtherSaves({ ...even, times, kindOf: () => 'same' })).toEqual({
    strategy: 'dynamic',
    seconds: 50,
  });
});

test('a one-shot translator pays a load for each batch', () => {
  const times = timesOf({ a: 1, b: 2 }, 100);
  const run = { ...even, times, warm: false };
  const saved = [1, 20, 90].map((loadSeconds) => whatOtherSaves({ ...run, loadSeconds })?.seconds ?? 0);
  expect(saved[0]).toBeGreaterThan(50);
  expect(saved[1]).toBeLessThan((saved[0] ?? 0) - 15);
  expect(saved[2]).toBe(0);
});

test('names fixed shards where batches of a queue loaded for nothing', () => {
  // One card was slow and is not any more: what it took tells of both.
  const times = timesOf({ a: 1, b: 1 }, 20);
  const run = { ...even, times, warm: false, loadSeconds: 5, kindOf: () => 'same' };
  expect(whatOtherSaves({ ...run, strategy: 'dynamic' })).toBeUndefined();
  expect(whatOtherSaves({ ...run, strategy: 'dynamic', warm: true })).toBeUndefined();
});

test('says nothing below two per cent, below a second, or of one slot alone', () => {
  const saved = (slower: number, pages: number) =>
    whatOtherSaves({ ...even, times: timesOf({ a: 1, b: slower }, pages) });
  expect(saved(1.01, 1000)).toBeUndefined();
  expect(saved(1.5, 3)).toBeUndefined();
  expect(whatOtherSaves({ ...even, times: timesOf({ a: 1 }, 10) })).toBeUndefined();
});

test('says nothing where no load was measured', () => {
  const times = timesOf({ a: 1, b: 3 }, 100);
  for (const warm of [true, false])
    expect(whatOtherSaves({ ...even, times, warm, loadSeconds: undefined })).toBeUndefined();
});
