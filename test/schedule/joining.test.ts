import { expect, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import type { StrategyName } from '../../src/model/run-options.ts';
import type { Slot } from '../../src/model/slot.ts';
import type { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import type { Schedule } from '../../src/schedule/strategy.ts';
import { sizedCosts } from './sized-costs.ts';

const STRATEGIES: readonly StrategyName[] = ['even', 'balanced', 'dynamic'];
const slotOf = (index: number): Slot => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', visibleAs: String(index) },
});
const [A, B, C] = [slotOf(0), slotOf(1), slotOf(2)] as const;
const pagesOf = (count: number): Page[] =>
  Array.from({ length: count }, (_, index) => ({ id: `p${String(index).padStart(3, '0')}`, path: '/p' }));
const costOf = (id: string): number => 1 + (Number(id.slice(1)) % 5);
const costsOf = (count: number): Costs =>
  sizedCosts(
    pagesOf(count).map(({ id }) => id),
    costOf,
  );
const given = (strategy: StrategyName, count: number, slots: readonly Slot[] = [A, B]): Schedule =>
  makeSchedule(strategy, { pages: pagesOf(count), slots, costs: costsOf(count) });

/** Takes and finishes pages one by one in turn until nobody gets any more. */
function finishAll(schedule: Schedule, slots: readonly Slot[]): Map<string, string[]> {
  const done = new Map<string, string[]>(slots.map(({ id }) => [id, []]));
  for (let went = true; went; ) {
    went = false;
    for (const { id } of slots) {
      const [page] = schedule.take(id, 1) ?? [];
      if (!page) continue;
      went = true;
      schedule.finished(id, page.id, costOf(page.id));
      done.get(id)?.push(page.id);
    }
  }
  return done;
}

for (const strategy of STRATEGIES) {
  test(`${strategy}: a slot that joins in mid-run has its share of what waits`, () => {
    const schedule = given(strategy, 60);
    const first = [A, B].map(({ id }) => schedule.take(id, 1)?.[0]?.id ?? '');
    schedule.join(C);
    const done = finishAll(schedule, [A, B, C]);
    expect([...first, ...[...done.values()].flat()].sort()).toEqual(pagesOf(60).map(({ id }) => id));
    expect(done.get(C.id)?.length).toBeGreaterThan(14);
    expect(schedule.waiting).toBe(0);
  });

  test(`${strategy}: what a slot leaves behind goes to the others, also to one that joined`, () => {
    const schedule = given(strategy, 60);
    const flying = schedule.take(B.id, 1) ?? [];
    schedule.join(C);
    schedule.retire(B.id);
    schedule.giveBack(B.id, flying);
    const done = finishAll(schedule, [A, C]);
    expect([...done.values()].flat().sort()).toEqual(pagesOf(60).map(({ id }) => id));
    expect(done.get(C.id)?.length).toBeGreaterThan(14);
  });

  test(`${strategy}: a slot that joins where all pages are in hand gets what comes back`, () => {
    const schedule = given(strategy, 40, [A]);
    const flying = schedule.take(A.id, 40) ?? [];
    for (let more = schedule.take(A.id, 40); more; more = schedule.take(A.id, 40)) flying.push(...more);
    schedule.join(C);
    expect(schedule.take(C.id)).toBeUndefined();
    let told = 0;
    schedule.onChange(() => {
      told += 1;
    });
    schedule.giveBack(A.id, flying.slice(30));
    expect(told).toBe(1);
    expect(schedule.take(C.id)?.length).toBeGreaterThan(0);
  });

  test(`${strategy}: one that joined may leave again, and come back`, () => {
    const schedule = given(strategy, 30);
    schedule.join(C);
    const taken = schedule.take(C.id, 1) ?? [];
    schedule.retire(C.id);
    schedule.giveBack(C.id, taken);
    schedule.join(C);
    const done = finishAll(schedule, [A, B, C]);
    expect([...done.values()].flat().sort()).toEqual(pagesOf(30).map(({ id }) => id));
    expect(done.get(C.id)).not.toEqual([]);
  });

  test(`${strategy}: whatever joins, leaves, takes and gives back, each page is finished once`, () => {
    for (let seed = 1; seed <= 40; seed += 1) playAtRandom(given(strategy, 50), seed);
  });

  test(`${strategy}: the first slot may come after the pages`, () => {
    const schedule = given(strategy, 10, []);
    schedule.join(A);
    expect(finishAll(schedule, [A]).get(A.id)?.sort()).toEqual(pagesOf(10).map(({ id }) => id));
  });

  test(`${strategy}: samples come from the place that is asked for`, () => {
    const places = [0.05, 0.5, 1].map((place) => {
      const page = given(strategy, 400, [A]).takeFarOff(A.id, place);
      return Number(page?.id.slice(1)) / 400;
    });
    for (const [at, wanted] of [0.05, 0.5, 1].entries()) {
      expect(Math.abs((places[at] ?? -1) - wanted)).toBeLessThan(0.02);
    }
  });

  test(`${strategy}: a sample suits where one near its place does`, () => {
    const every = (nth: number) => (page: Page) => Number(page.id.slice(1)) % nth === 0;
    expect(given(strategy, 900, [A]).takeFarOff(A.id, 0.5, every(700))?.id).toBe('p700');
    expect(given(strategy, 900, [A]).takeFarOff(A.id, 1, every(700))?.id).toBe('p700');
    expect(given(strategy, 900, [A]).takeFarOff(A.id, 0.1, every(700))?.id).toBe('p090');
    expect(given(strategy, 900, [A]).takeFarOff(A.id, 0.5, () => false)?.id).toBe('p450');
  });
}

test('dynamic, by groups: whatever joins and leaves, each page is finished once', () => {
  const groupOf = (id: string): string => id.slice(0, -1);
  for (let seed = 1; seed <= 40; seed += 1) {
    playAtRandom(
      makeSchedule('dynamic', { pages: pagesOf(50), slots: [A, B], costs: costsOf(50), groupOf }),
      seed,
    );
  }
});

test('a slot that joins static shards takes the later half of the longest', () => {
  const schedule = given('even', 40);
  schedule.take(B.id, 4);
  schedule.join(C);
  const ids = (schedule.take(C.id) ?? []).map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => `p${String(20 + 2 * n).padStart(3, '0')}`));
});

test('a slot that was dealt a shard takes nothing out of another one', () => {
  const schedule = given('even', 10);
  schedule.take(A.id);
  expect(schedule.take(A.id)).toBeUndefined();
  expect(schedule.waiting).toBe(5);
});

test('listeners are told of pages that are added, of the end, and of a slot that leaves', () => {
  const schedule = new DynamicSchedule({ slots: [A, B], costs: costsOf(3) });
  const told: string[] = [];
  let doing = '';
  schedule.onChange(() => told.push(doing));
  doing = 'add';
  schedule.add(pagesOf(3));
  doing = 'take';
  const taken = schedule.take(A.id, 1) ?? [];
  doing = 'give back';
  schedule.giveBack(A.id, taken);
  doing = 'nothing';
  schedule.giveBack(A.id, []);
  schedule.retire('nobody');
  doing = 'retire';
  schedule.retire(B.id);
  doing = 'close';
  schedule.close();
  expect(told).toEqual(['add', 'give back', 'retire', 'close']);
});

/** Plays slots that come, go, take, finish and give back in any order, and looks that no page is doubled or lost. */
function playAtRandom(schedule: Schedule, seed: number): void {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const slots = [0, 1, 2, 3].map(slotOf);
  const here = new Set([A.id, B.id]);
  const inHand = new Map<string, Page[]>(slots.map(({ id }) => [id, []]));
  const finished: string[] = [];
  for (let step = 0; step < 300; step += 1) {
    const slot = slots[random(4)] ?? A;
    const held = inHand.get(slot.id) ?? [];
    const act = random(7);
    if (act === 0) here.add(slot.id) && schedule.join(slot);
    else if (act === 1 && here.size > 1 && here.delete(slot.id)) {
      schedule.retire(slot.id);
      schedule.giveBack(slot.id, held.splice(0));
    } else if (!here.has(slot.id)) continue;
    else if (act === 2) held.push(...(schedule.take(slot.id, 1 + random(4)) ?? []));
    else if (act === 3) held.push(...[schedule.takeAhead(slot.id) ?? []].flat());
    else if (act === 4) held.push(...[schedule.takeFarOff(slot.id, random(5) / 4) ?? []].flat());
    else if (act === 5) schedule.giveBack(slot.id, held.splice(random(held.length + 1)));
    else
      for (const page of held.splice(0)) {
        schedule.finished(slot.id, page.id, 1);
        finished.push(page.id);
      }
  }
  for (const held of inHand.values()) finished.push(...held.map(({ id }) => id));
  for (const { id } of slots) if (!here.has(id)) schedule.retire(id);
  for (const slot of slots) schedule.join(slot);
  const rest = finishAll(schedule, slots);
  finished.push(...[...rest.values()].flat());
  expect(finished.sort()).toEqual(pagesOf(50).map(({ id }) => id));
  expect(schedule.waiting).toBe(0);
}
