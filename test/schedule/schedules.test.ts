import { expect, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { balanced } from '../../src/schedule/balanced.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { even } from '../../src/schedule/even.ts';
import type { Schedule } from '../../src/schedule/strategy.ts';
import { sizedCosts } from './sized-costs.ts';

const slotsOf = (count: number): Slot[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
  }));
const pagesOf = (count: number): Page[] =>
  Array.from({ length: count }, (_, index) => ({ id: `p${index}.png`, path: `/p${index}.png` }));
const ids = (pages: readonly Page[] | undefined): string[] => (pages ?? []).map(({ id }) => id.slice(1, -4));
const drain = (schedule: Schedule, slot: string): string[] => {
  const taken: string[] = [];
  for (let batch = schedule.take(slot); batch; batch = schedule.take(slot)) taken.push(...ids(batch));
  return taken;
};

test('even: shards differ by one page at most, keep the order and hold every page once', () => {
  const slots = slotsOf(3);
  const schedule = even({ pages: pagesOf(11), slots, costs: new Costs() });
  const shards = slots.map(({ id }) => ids(schedule.take(id)));
  expect(shards.map(({ length }) => length)).toEqual([4, 4, 3]);
  expect(shards[0]).toEqual(['0', '3', '6', '9']);
  expect(shards.flat().sort()).toEqual(ids(pagesOf(11)).sort());
  expect(schedule.waiting).toBe(0);
});

test('balanced: shards end together where sizes differ by far', () => {
  const slots = slotsOf(4);
  const cost = (id: string): number =>
    Number(id.slice(1, -4)) % 20 === 0 ? 30 : 1 + (Number(id.slice(1, -4)) % 3);
  const pages = pagesOf(400);
  const schedule = balanced({
    pages,
    slots,
    costs: sizedCosts(
      pages.map(({ id }) => id),
      cost,
    ),
  });
  const loads = slots.map(({ id }) =>
    (schedule.take(id) ?? []).reduce((sum, page) => sum + cost(page.id), 0),
  );
  const all = pages.reduce((sum, page) => sum + cost(page.id), 0);
  expect(Math.max(...loads)).toBeLessThanOrEqual(all / 4 + 3);
  expect(loads.reduce((sum, load) => sum + load)).toBe(all);
});

test('balanced: pages of a shard stay in natural order', () => {
  const [slot] = slotsOf(1);
  const schedule = balanced({
    pages: pagesOf(5),
    slots: slotsOf(1),
    costs: sizedCosts(
      pagesOf(5).map(({ id }) => id),
      (id) => 1 + Number(id),
    ),
  });
  expect(ids(schedule.take(slot?.id ?? ''))).toEqual(['0', '1', '2', '3', '4']);
});

test('pages given back stand where they stood', () => {
  const slots = slotsOf(1);
  const schedule = even({ pages: pagesOf(5), slots, costs: new Costs() });
  const taken = schedule.take('gpu0-0', 3) ?? [];
  schedule.giveBack('gpu0-0', taken.slice(1));
  expect(ids(schedule.take('gpu0-0'))).toEqual(['1', '2', '3', '4']);
});

test('a retired slot leaves its shard to the others, a fair part for each', () => {
  const schedule = even({ pages: pagesOf(30), slots: slotsOf(3), costs: new Costs() });
  const lost = schedule.take('gpu2-0') ?? [];
  schedule.retire('gpu2-0');
  schedule.giveBack('gpu2-0', lost);
  expect(schedule.take('gpu0-0')).toHaveLength(10);
  expect(schedule.take('gpu0-0')).toHaveLength(5);
  expect([...drain(schedule, 'gpu0-0'), ...drain(schedule, 'gpu1-0')]).toHaveLength(15);
  expect(schedule.waiting).toBe(0);
});

test('a slot with a shard of its own does not take what others left', () => {
  const schedule = even({ pages: pagesOf(4), slots: slotsOf(2), costs: new Costs() });
  schedule.retire('gpu1-0');
  expect(ids(schedule.take('gpu0-0'))).toEqual(['0', '2']);
  expect(ids(schedule.take('gpu0-0'))).toEqual(['1', '3']);
});
