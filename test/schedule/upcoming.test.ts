import { expect, test } from 'vitest';
import { folderOf, type Page } from '../../src/model/page.ts';
import { STRATEGIES } from '../../src/model/run-options.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import type { Schedule } from '../../src/schedule/strategy.ts';
import { sizedCosts } from './sized-costs.ts';

const SLOTS = ['a', 'b', 'c'].map((id) => ({ id, gpu: null }));
const pagesOf = (count: number, folder = ''): Page[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${folder}${String(at).padStart(3, '0')}`,
    path: `/in/${at}`,
  }));
const idsOf = (pages: readonly Page[]): string[] => pages.map(({ id }) => id);
/** A page for each slot in turn. */
const takeAll = (schedule: Schedule): string[] => {
  const taken: string[] = [];
  for (;;) {
    const round = SLOTS.flatMap(({ id }) => schedule.take(id, 1) ?? []);
    if (round.length === 0) return taken;
    taken.push(...idsOf(round));
  }
};

test.each(STRATEGIES)(
  '%s: what is to come is what slots take then, and it is taken by nobody',
  (strategy) => {
    const make = (): Schedule =>
      makeSchedule(strategy, {
        pages: pagesOf(100),
        slots: SLOTS,
        costs: sizedCosts(idsOf(pagesOf(100)), (page) => 1 + (Number(page) % 7)),
      });
    const schedule = make();
    for (let rounds = 0; rounds < 20; rounds += 1) {
      const upcoming = idsOf(schedule.upcoming(3));
      expect(schedule.waiting).toBe(100 - rounds * 3);
      const taken = SLOTS.flatMap(({ id }) => idsOf(schedule.take(id, 1) ?? []));
      expect(taken.toSorted()).toEqual(upcoming.toSorted());
    }
    expect(idsOf(make().upcoming(1000)).toSorted()).toEqual(takeAll(make()).toSorted());
    expect(schedule.upcoming(0)).toEqual([]);
  },
);

test('chapters that slots have begun come before others, a page of each in turn', () => {
  const pages = ['1/', '2/', '3/', '4/', '5/', '6/', '7/', '8/'].flatMap((folder) => pagesOf(4, folder));
  const schedule = new DynamicSchedule({ slots: SLOTS, costs: new Costs(), groupOf: folderOf });
  schedule.add(pages);
  for (const { id } of SLOTS) schedule.take(id, 1);
  expect(idsOf(schedule.upcoming(5))).toEqual(['1/001', '2/001', '3/001', '1/002', '2/002']);
  expect(idsOf(schedule.upcoming(11)).slice(9)).toEqual(['4/000', '4/001']);
});

test('pages of a slot that is gone, and pages that came back, are still to come', () => {
  const schedule = makeSchedule('even', { pages: pagesOf(9), slots: SLOTS, costs: new Costs() });
  const [page] = schedule.take('a', 1) ?? [];
  schedule.retire('a');
  if (page) schedule.giveBack('a', [page]);
  expect(schedule.upcoming(100).length).toBe(9);
});
