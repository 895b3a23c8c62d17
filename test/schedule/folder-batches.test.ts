import { expect, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import { STRATEGIES } from '../../src/model/run-options.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import type { Batches, Schedule } from '../../src/schedule/strategy.ts';

const slotsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `s${at}`, gpu: null }));
const pagesOf = (ids: readonly string[]): Page[] => ids.map((id) => ({ id, path: `/${id}` }));
const idsOf = (pages: readonly Page[]): string[] => pages.map(({ id }) => id);

/** All batches, slots taking in turn. */
function batchesOf(schedule: Schedule, slots: number): string[][] {
  const batches: string[][] = [];
  const open = new Set(slotsOf(slots).map(({ id }) => id));
  while (open.size > 0) {
    for (const slot of open) {
      const batch = schedule.take(slot);
      if (batch) batches.push(idsOf(batch));
      else open.delete(slot);
    }
  }
  return batches;
}

const PAGES = ['v2/1', 'v2/2', 'v10/1', 'v10/a/1', 'v10/2', 'v10/3', 'v11/1'];
const setupOf = (slots: number, batches: Batches) => ({
  pages: pagesOf(PAGES),
  slots: slotsOf(slots),
  costs: new Costs(),
  batches,
});

test.each(STRATEGIES)('%s: one slot gets a batch for each folder, in their order', (strategy) => {
  const batches = batchesOf(makeSchedule(strategy, setupOf(1, 'folder')), 1);
  const expected = [['v2/1', 'v2/2'], ['v10/1', 'v10/2', 'v10/3'], ['v10/a/1'], ['v11/1']];
  // A queue takes the last ones longest first.
  expect(strategy === 'dynamic' ? batches.toSorted() : batches).toEqual(
    strategy === 'dynamic' ? expected.toSorted() : expected,
  );
});

test.each(STRATEGIES)('%s: no batch has pages of two folders, and none is left out', (strategy) => {
  const batches = batchesOf(makeSchedule(strategy, setupOf(3, 'folder')), 3);
  for (const batch of batches) expect(new Set(batch.map((id) => id.replace(/\/[^/]*$/, ''))).size).toBe(1);
  expect(batches.flat().toSorted()).toEqual(PAGES.toSorted());
});

test.each(STRATEGIES)('%s: one big folder keeps all slots busy', (strategy) => {
  const pages = pagesOf(Array.from({ length: 10 }, (_, at) => `v/${at}`));
  const schedule = makeSchedule(strategy, { ...setupOf(4, 'folder'), pages });
  expect(
    slotsOf(4)
      .map(({ id }) => schedule.take(id)?.length ?? 0)
      .toSorted(),
  ).toEqual([2, 2, 3, 3]);
});

test.each(STRATEGIES)('%s: one page at a time, dealt as always', (strategy) => {
  const batches = batchesOf(makeSchedule(strategy, setupOf(2, 'page')), 2);
  expect(batches.every(({ length }) => length === 1)).toBe(true);
  expect(batches.flat().toSorted()).toEqual(PAGES.toSorted());
});

test.each(STRATEGIES)('%s: pages that come back, and those of a lost slot, go on in folders', (strategy) => {
  const schedule = makeSchedule(strategy, setupOf(2, 'folder'));
  const batch = schedule.take('s0') ?? [];
  schedule.giveBack('s0', batch);
  schedule.retire('s0');
  const batches = batchesOf(schedule, 2);
  expect(batches.flat().toSorted()).toEqual(PAGES.toSorted());
  for (const taken of batches) expect(new Set(taken.map((id) => id.replace(/\/[^/]*$/, ''))).size).toBe(1);
});
