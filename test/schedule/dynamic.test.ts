import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { efficiencyOf } from './efficiency.ts';
import { sizedCosts } from './sized-costs.ts';

const slots: Slot[] = [0, 1].map((index) => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
}));
const [A, B] = ['gpu0-0', 'gpu1-0'] as const;
const pagesOf = (ids: readonly string[]) => ids.map((id) => ({ id, path: `/${id}` }));

function given(
  costs: Record<string, number>,
  { group = false, order = 'natural' as 'natural' | 'largest' } = {},
) {
  const schedule = new DynamicSchedule({
    slots,
    costs: sizedCosts(Object.keys(costs), (id) => costs[id] ?? 1),
    order,
    ...(group && { groupOf: (id: string) => id.slice(0, id.lastIndexOf('/')) }),
  });
  schedule.add(pagesOf(Object.keys(costs)));
  schedule.close();
  return { schedule, one: (slot: string) => schedule.take(slot, 1)?.[0]?.id };
}
const equal = (count: number, cost = 1): Record<string, number> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`p${String(index).padStart(3, '0')}`, cost]),
  );

test('pages go in natural order, to whoever is free', () => {
  const { one } = given(equal(40));
  expect([one(A), one(B), one(B), one(A)]).toEqual(['p000', 'p001', 'p002', 'p003']);
});

test('the last eight pages a slot go longest first', () => {
  const { one } = given({ ...equal(20), short: 0.5, long: 3 });
  const taken = Array.from({ length: 22 }, () => one(A));
  expect(taken.slice(0, 6)).toEqual(['p000', 'p001', 'p002', 'p003', 'p004', 'p005']);
  expect(taken[6]).toBe('long');
  expect(taken.at(-1)).toBe('short');
});

test('a page longer than a share of what is left does not wait for the end', () => {
  const { one } = given({ ...equal(60), giant: 25 });
  const taken = Array.from({ length: 61 }, () => one(A));
  expect(taken.indexOf('giant')).toBeGreaterThan(20);
  expect(taken.indexOf('giant')).toBeLessThan(40);
});

test('--order largest takes the longest first from the start', () => {
  const { one } = given({ a: 1, b: 5, c: 3 }, { order: 'largest' });
  expect([one(A), one(B), one(A)]).toEqual(['b', 'c', 'a']);
});

test('a group stays on one slot, in order', () => {
  const { one } = given(
    { 'c1/1': 1, 'c1/2': 1, 'c1/3': 1, 'c2/1': 1, 'c2/2': 1, 'c2/3': 1 },
    { group: true },
  );
  expect([one(A), one(B), one(A), one(B), one(B), one(A)]).toEqual([
    'c1/1',
    'c2/1',
    'c1/2',
    'c2/2',
    'c2/3',
    'c1/3',
  ]);
});

test('a group whose slot is lost goes on elsewhere where it stopped', () => {
  const { schedule, one } = given({ 'c1/1': 1, 'c1/2': 1, 'c1/3': 1 }, { group: true });
  one(A);
  schedule.finished(A, 'c1/1', 1);
  const second = schedule.take(A, 1) ?? [];
  schedule.giveBack(A, second);
  schedule.retire(A);
  expect([one(B), one(B), one(B)]).toEqual(['c1/2', 'c1/3', undefined]);
});

test('a page of a lost slot comes back to the group that another slot has gone on with', () => {
  const { schedule, one } = given({ 'c1/1': 1, 'c1/2': 1, 'c1/3': 1, 'c2/1': 1, 'c2/2': 1 }, { group: true });
  const inFlight = schedule.take(A, 1) ?? [];
  schedule.retire(A);
  const taken = [one(B)];
  schedule.giveBack(A, inFlight);
  for (let page = one(B); page; page = one(B)) taken.push(page);
  expect(taken.sort()).toEqual(['c1/1', 'c1/2', 'c1/3', 'c2/1', 'c2/2']);
  expect(schedule.waiting).toBe(0);
});

test('pages given back come first again, and none is lost or doubled', () => {
  const { schedule, one } = given(equal(40));
  const batch = schedule.take(A) ?? [];
  expect(batch.length).toBeGreaterThan(5);
  schedule.giveBack(A, batch.slice(2));
  expect(one(B)).toBe('p001');
  const rest: string[] = [];
  for (let page = one(B); page; page = one(B)) rest.push(page);
  expect(new Set(rest).size).toBe(rest.length);
  expect(rest.length).toBe(40 - 2 - 1);
  expect(schedule.waiting).toBe(0);
});

test('pages may be added while others are at work', () => {
  const schedule = new DynamicSchedule({ slots, costs: new Costs() });
  schedule.add(pagesOf(['a']));
  expect(schedule.take(A, 1)?.[0]?.id).toBe('a');
  expect(schedule.take(A, 1)).toBeUndefined();
  expect(schedule.complete).toBe(false);
  schedule.add(pagesOf(['b']));
  expect(schedule.take(B, 1)?.[0]?.id).toBe('b');
});

const mixes = {
  equal: () => 2_000_000,
  'manga-like': (index: number) => (index % 20 === 0 ? 8_000_000 : index % 20 < 4 ? 4_000_000 : 2_000_000),
  skewed: (index: number) => 500_000 + index * 3_000,
};

for (const [name, pixelsOf] of Object.entries(mixes)) {
  test(`one-shot batches, ${name} pages: at least 0.85 of the best possible`, () => {
    expect(efficiencyOf({ pixelsOf, warm: false })).toBeGreaterThan(0.85);
  });

  test(`one-shot batches, ${name} pages, one GPU half as fast: at least 0.85 of the best possible`, () => {
    expect(efficiencyOf({ pixelsOf, warm: false, slow: 1 })).toBeGreaterThan(0.85);
  });

  test(`page by page, ${name} pages: at least 0.99 of the best possible`, () => {
    expect(efficiencyOf({ pixelsOf, warm: true })).toBeGreaterThan(0.99);
  });

  test(`page by page, ${name} pages, one GPU half as fast: at least 0.98 of the best possible`, () => {
    expect(efficiencyOf({ pixelsOf, warm: true, slow: 1 })).toBeGreaterThan(0.98);
  });
}

test('a group whose pages are found one by one stays on its slot', () => {
  const schedule = new DynamicSchedule({
    slots,
    costs: new Costs(),
    groupOf: (id) => id.slice(0, id.lastIndexOf('/')),
  });
  const one = (slot: string) => schedule.take(slot, 1)?.[0]?.id;
  schedule.add(pagesOf(['c1/1', 'c1/2']));
  expect(one(A)).toBe('c1/1');
  schedule.add(pagesOf(['c1/3']));
  expect([one(B), one(A), one(A)]).toEqual([undefined, 'c1/2', 'c1/3']);
  // It might go on: the slot waits for it rather than begin another group.
  expect([one(A), one(B)]).toEqual([undefined, undefined]);
  schedule.add(pagesOf(['c1/4', 'c2/1']));
  expect([one(B), one(A), one(A)]).toEqual(['c2/1', 'c1/4', undefined]);
  schedule.close();
  expect(schedule.waiting).toBe(0);
});

test('who is retired holds no group back', () => {
  const { schedule } = given({ 'c1/1': 1, 'c1/2': 1, 'c1/3': 1 }, { group: true });
  for (const slot of [A, B]) schedule.retire(slot);
  const taken = [schedule.take('', 1), schedule.take('', 1), schedule.take('', 1)].flat();
  expect(taken.map((page) => page?.id)).toEqual(['c1/1', 'c1/2', 'c1/3']);
  expect(schedule.waiting).toBe(0);
});

test('no page is sent ahead to wait behind one that ends last', () => {
  const { schedule, one } = given({ giant: 20, ...equal(60) }, { order: 'largest' });
  expect(one(A)).toBe('giant');
  expect(one(B)).toBe('p000');
  expect(schedule.takeAhead(B)?.id).toBe('p001');
  expect(schedule.takeAhead(A)?.id).toBe('p002');
  for (let left = 58; left > 40; left -= 1) schedule.finished(B, one(B) ?? '', 1);
  expect(schedule.takeAhead(A)).toBeUndefined();
  expect(schedule.takeAhead(B)).toBeDefined();
});

test('a page longer than a share of what is left is not sent ahead either: somebody else may begin it now', () => {
  const { schedule, one } = given({ ...equal(40), long: 39 });
  expect(one(A)).toBe('p000');
  expect(schedule.takeAhead(A)).toBeUndefined();
  expect(one(B)).toBe('long');
});

test('a slow slot gets nothing ahead that the others would be done with sooner', () => {
  const { schedule, one } = given(equal(14));
  const [slow, fast] = [one(A) ?? '', one(B) ?? ''];
  schedule.finished(A, slow, 4);
  schedule.finished(B, fast, 1);
  one(A);
  one(B);
  expect(schedule.takeAhead(B)).toBeDefined();
  expect(schedule.takeAhead(A)).toBeUndefined();
});

test('the rest of its group is sent ahead whatever is left: nobody else may have it', () => {
  const { schedule, one } = given({ 'c1/1': 1, 'c1/2': 1 }, { group: true });
  expect(one(A)).toBe('c1/1');
  expect(schedule.takeAhead(A)?.id).toBe('c1/2');
});

test('of one group that a slot has begun, a sample comes from further on', () => {
  const slots: Slot[] = [{ id: 'cpu-0', gpu: null }];
  const schedule = new DynamicSchedule({ slots, costs: new Costs(), groupOf: () => 'ch1' });
  const ids = Array.from({ length: 20 }, (_, at) => `${at + 1}.png`);
  schedule.add(ids.map((id) => ({ id, path: `/${id}` })));
  schedule.close();
  schedule.take('cpu-0', 1);
  const sample = schedule.takeFarOff('cpu-0', 0.5);
  expect(sample && ids.indexOf(sample.id)).toBeGreaterThan(5);
  const rest = ids.flatMap(() => schedule.take('cpu-0', 1) ?? []);
  expect(rest).toHaveLength(18);
});

test('a slot that is to go finishes its group, and begins no other', () => {
  const { schedule, one } = given({ 'c1/1': 1, 'c1/2': 1, 'c2/1': 1, 'c2/2': 1, 'c3/1': 1 }, { group: true });
  expect([one(A), one(B)]).toEqual(['c1/1', 'c2/1']);
  expect(schedule.unitsWaiting).toBe(1);
  schedule.endAfterGroup(A);
  expect(schedule.isMidGroup(A)).toBe(true);
  expect(one(A)).toBe('c1/2');
  expect(schedule.isMidGroup(A)).toBe(false);
  expect(one(A)).toBeUndefined();
  expect(schedule.takeAhead(A)).toBeUndefined();
  expect([one(B), one(B)]).toEqual(['c2/2', 'c3/1']);
});
