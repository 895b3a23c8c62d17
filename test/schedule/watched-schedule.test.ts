import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { forecastRest, secondsOf, takingOf } from '../../src/schedule/forecast.ts';
import { makeSchedule } from '../../src/schedule/make-schedule.ts';
import { WatchedSchedule } from '../../src/schedule/watched-schedule.ts';

const slots: Slot[] = [0, 1].map((index) => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', name: 'T4', visibleAs: String(index) },
}));
const [A = '', B = ''] = slots.map(({ id }) => id);

function given(kind: 'warm' | 'one-shot', count: number) {
  const costs = new Costs();
  const pages = Array.from({ length: count }, (_, n) => ({ id: `${n}`, path: `/${n}` }));
  const strategy = kind === 'warm' ? 'dynamic' : 'even';
  const clock = { ms: 0 };
  const schedule = new WatchedSchedule(makeSchedule(strategy, { pages, slots, costs }), {
    slots,
    loadsForEach: kind === 'one-shot',
    onFinished: () => {},
    nowMs: () => clock.ms,
  });
  for (const slot of slots) costs.join(slot);
  const rest = () => forecastRest(schedule, { slots, costs, ...takingOf(kind), inHand: schedule.inHand() });
  return { schedule, clock, costs, rest };
}

test('the rest begins with what slots have in hand, and takes nothing from the run', () => {
  const { schedule, clock, costs, rest } = given('warm', 20);
  const [first, second] = [schedule.take(A, 1)?.[0], schedule.take(B, 1)?.[0]];
  clock.ms = 7000;
  schedule.loaded(A, 5);
  schedule.finished(A, first?.id ?? '', 2);
  schedule.take(A, 1);
  clock.ms = 8000;
  expect([...schedule.inHand()]).toMatchObject([
    [A, { forSeconds: 1, isLoaded: true, pages: [{}] }],
    [B, { forSeconds: 8, isLoaded: false, pages: [{ id: second?.id }] }],
  ]);
  expect(schedule.left).toBe(19);
  costs.loaded(B, 5);
  const shares = rest();
  expect(shares.flatMap(({ pages }) => pages)).toHaveLength(19);
  expect(new Set(shares.flatMap(({ pages }) => pages.map(({ id }) => id))).size).toBe(19);
  // 19 pages of 2 s on two slots, one of which has been at its page for a second.
  expect(Math.abs(secondsOf(shares) - 19)).toBeLessThanOrEqual(1.5);
  expect(schedule.waiting).toBe(17);
  expect(rest().map(({ seconds }) => seconds)).toEqual(shares.map(({ seconds }) => seconds));
});

test('of a script the rest of its batch comes without another load; a retired slot does nothing more', () => {
  const { schedule, clock, rest } = given('one-shot', 20);
  for (const slot of [A, B]) schedule.take(slot);
  clock.ms = 12_000;
  for (const slot of [A, B]) {
    schedule.loaded(slot, 10);
    schedule.finished(slot, slot === A ? '0' : '1', 2);
    schedule.finished(slot, slot === A ? '2' : '3', 2);
  }
  expect(rest().map(({ seconds, loads }) => [Math.round(seconds), loads])).toEqual([
    [16, 1],
    [16, 1],
  ]);
  const taken = [...(schedule.inHand().get(B)?.pages ?? [])];
  schedule.retire(B);
  schedule.giveBack(B, taken);
  expect(schedule.slots.map(({ id }) => id)).toEqual([A]);
  expect(schedule.left).toBe(16);
});

test('what a slot takes from page to page counts, and no pause', () => {
  const { schedule, clock, costs } = given('warm', 60);
  const work = (seconds: number, pauseMs: number): void => {
    const page = schedule.take(A, 1)?.[0];
    clock.ms += seconds * 1000 + pauseMs;
    schedule.finished(A, page?.id ?? '', seconds);
  };
  work(1, 0);
  for (let n = 0; n < 20; n += 1) work(1, n === 5 ? 60_000 : 100);
  expect(costs.secondsOn(A)?.('x')).toBeCloseTo(1.1, 1);
});
