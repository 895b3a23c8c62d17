import { describe, expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { simulate } from '../../src/schedule/simulate.ts';

/** Numbers from 0 to 1 that look like chance. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Seconds of a run with a script, and its loads. */
function played(
  strategy: 'even' | 'dynamic',
  {
    pages: count,
    load,
    page = 0.25,
    cards = 2,
    speedOf = () => 1,
    noise = 0,
  }: {
    pages: number;
    load: number;
    page?: number;
    cards?: number;
    speedOf?: (card: number) => number;
    noise?: number;
  },
): { seconds: number; loads: number } {
  const chance = chanceOf(count);
  const slots: Slot[] = Array.from({ length: cards }, (_, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', name: 'T4', visibleAs: String(index) },
  }));
  const pages = Array.from({ length: count }, (_, n) => ({ id: `${n}.png`, path: `/${n}.png` }));
  const secondsOf = new Map(pages.map(({ id }) => [id, page * (1 + noise * (2 * chance() - 1))]));
  const shares = simulate({
    schedule: makeSchedule(strategy, { pages, slots, costs: new Costs() }),
    slots,
    pageByPage: false,
    costOf: ({ id }, { gpu }) => (secondsOf.get(id) ?? 0) / speedOf(gpu?.index ?? 0),
    loadSeconds: load,
  });
  expect(new Set(shares.flatMap(({ pages: own }) => own.map(({ id }) => id))).size).toBe(count);
  return {
    seconds: Math.max(...shares.map(({ seconds }) => seconds)),
    loads: shares.reduce((sum, { loads }) => sum + loads, 0),
  };
}

describe('with a script `dynamic` takes at most 5 % longer than `even` on equal cards, though nothing is known before', () => {
  for (const cards of [2, 3, 8])
    for (const noise of [0, 0.5])
      test(`${cards} cards, pages that differ by ${noise * 100} %`, () => {
        for (const pages of [10, 30, 100, 333, 1000])
          for (const load of [1, 4, 15, 60]) {
            // Which of two pages are the longer ones is luck.
            if (noise > 0 && pages < 4 * cards) continue;
            const asked = { pages, load, cards, noise };
            const [dynamic, even] = [played('dynamic', asked), played('even', asked)];
            expect(dynamic.seconds / even.seconds, JSON.stringify(asked)).toBeLessThanOrEqual(1.05);
          }
      });
});

test('what a slow card has not begun goes to the others, and costs a load of each', () => {
  const asked = {
    pages: 960,
    load: 2,
    page: 0.4,
    cards: 8,
    speedOf: (card: number) => (card === 3 ? 0.5 : 1),
  };
  const best = 2 + (960 * 0.4) / 7.5;
  const dynamic = played('dynamic', asked);
  expect(best / dynamic.seconds).toBeGreaterThan(0.93);
  expect(dynamic.loads).toBeLessThanOrEqual(8 * 3);
  expect(best / played('even', asked).seconds).toBeLessThan(0.6);
});

test('a load that takes longer than what it would save is not paid', () => {
  const slow = { pages: 40, load: 60, page: 0.25, speedOf: (card: number) => (card === 0 ? 0.5 : 1) };
  expect(played('dynamic', slow).loads).toBe(2);
});
