import { expect, test } from 'vitest';
import { PageTimes, whatDynamicSaves } from '../../src/report/what-if.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { simulate } from '../../src/schedule/simulate.ts';

const timesOf = (seconds: Readonly<Record<string, number>>, pages: number): PageTimes => {
  const times = new PageTimes();
  for (const [slot, each] of Object.entries(seconds))
    for (let n = 0; n < pages; n += 1) times.add(slot, each);
  return times;
};

test('cards of different kinds are weighed by their speed', () => {
  const times = timesOf({ fast: 1, slow: 2 }, 100);
  const run = { times, loadSeconds: 0, warm: true, spanSeconds: 200 };
  expect(whatDynamicSaves({ ...run, kindOf: (slot) => slot })).toBe(66);
  expect(whatDynamicSaves({ ...run, kindOf: () => 'same' })).toBe(50);
});

test('a one-shot translator pays a load for each batch', () => {
  const times = timesOf({ a: 1, b: 1.2 }, 100);
  const run = { times, kindOf: () => '', warm: false, spanSeconds: 140 };
  expect(whatDynamicSaves({ ...run, loadSeconds: 1 })).toBeGreaterThan(10);
  expect(whatDynamicSaves({ ...run, loadSeconds: 20 })).toBeUndefined();
});

test('says nothing below two per cent, below a second, or of one slot alone', () => {
  const run = { kindOf: () => '', loadSeconds: 0, warm: true };
  expect(
    whatDynamicSaves({ ...run, times: timesOf({ a: 1, b: 1 }, 1000), spanSeconds: 1015 }),
  ).toBeUndefined();
  expect(
    whatDynamicSaves({ ...run, times: timesOf({ a: 0.1, b: 0.1 }, 10), spanSeconds: 1.9 }),
  ).toBeUndefined();
  expect(whatDynamicSaves({ ...run, times: timesOf({ a: 1 }, 10), spanSeconds: 100 })).toBeUndefined();
});

test('a one-shot translator is played with the batches that the program makes', () => {
  const times = timesOf({ fast: 1, slow: 2 }, 400);
  const run = { times, kindOf: (slot: string) => slot, warm: false, loadSeconds: 30, spanSeconds: 830 };
  const slots = ['fast', 'slow'].map((id) => ({ id, gpu: null }));
  const pages = Array.from({ length: 800 }, (_, n) => ({ id: String(n), path: '' }));
  const shares = simulate({
    schedule: makeSchedule('dynamic', { pages, slots, costs: new Costs() }),
    slots,
    pageByPage: false,
    costOf: (_, slot) => (slot.id === 'fast' ? 1 : 2),
    loadSeconds: 30,
  });
  const span = Math.max(...shares.map(({ seconds }) => seconds));
  expect(span).toBeLessThan(640);
  expect(whatDynamicSaves(run)).toBeCloseTo(830 - span);
});

test('says nothing where no load was measured', () => {
  const times = timesOf({ a: 1, b: 3 }, 100);
  const run = { times, kindOf: () => '', loadSeconds: undefined, spanSeconds: 300 };
  for (const warm of [true, false]) expect(whatDynamicSaves({ ...run, warm })).toBeUndefined();
});
