import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { simulate } from '../../src/schedule/simulate.ts';

const slots: Slot[] = ['gpu0-0', 'gpu1-0'].map((id) => ({ id, gpu: null }));
const pages = Array.from({ length: 100 }, (_, n) => ({ id: `${n}.png`, path: `/in/${n}.png` }));

const shares = (strategy: 'even' | 'balanced' | 'dynamic', secondsOn: (slot: string) => number) =>
  simulate({
    schedule: makeSchedule(strategy, { pages, slots, costs: new Costs(), order: 'natural' }),
    slots,
    pageByPage: strategy === 'dynamic',
    costOf: (_, slot) => secondsOn(slot.id),
  });

test('with fixed shards each slot has its own, however fast it is', () => {
  const [first, second] = shares('even', (slot) => (slot === 'gpu0-0' ? 3 : 1));
  expect(first?.pages.map(({ id }) => id).slice(0, 3)).toEqual(['0.png', '2.png', '4.png']);
  expect(second?.pages).toHaveLength(50);
});

test('with a queue a slot three times as fast takes three quarters', () => {
  const [slow, fast] = shares('dynamic', (slot) => (slot === 'gpu0-0' ? 3 : 1));
  expect(slow?.pages).toHaveLength(25);
  expect(fast?.pages).toHaveLength(75);
});

test('every page is shared out once', () => {
  for (const strategy of ['even', 'balanced', 'dynamic'] as const) {
    const ids = shares(strategy, () => 1).flatMap((share) => share.pages.map(({ id }) => id));
    expect(ids).toHaveLength(100);
    expect(new Set(ids).size).toBe(100);
  }
});

test('a worker that stays loads once, one that is started for a batch each time', () => {
  const ends = (pageByPage: boolean) =>
    simulate({
      schedule: makeSchedule('dynamic', { pages, slots, costs: new Costs() }),
      slots,
      pageByPage,
      costOf: () => 1,
      loadSeconds: 3,
    });
  expect(ends(true)).toMatchObject([
    { loads: 1, seconds: 53 },
    { loads: 1, seconds: 53 },
  ]);
  const slow = simulate({
    schedule: makeSchedule('dynamic', { pages, slots, costs: new Costs() }),
    slots,
    pageByPage: false,
    costOf: (_, { id }) => (id === 'gpu0-0' ? 3 : 1),
    loadSeconds: 3,
  });
  for (const { loads } of slow) expect(loads).toBeGreaterThan(1);
});
