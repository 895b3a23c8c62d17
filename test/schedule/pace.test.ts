import { expect, test } from 'vitest';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { Pace } from '../../src/schedule/pace.ts';

test('speeds are counted in the new unit once costs are', () => {
  let pixels = 1;
  const pace = new Pace(() => pixels);
  for (let page = 0; page < 200; page += 1) pace.worked('a', `p${page}`, page < 100 ? 4 : 2);
  const before = pace.speedOf('a');
  expect(before).toBeCloseTo(0.5, 2);
  pixels = 1_000_000;
  pace.costsChanged();
  expect(pace.speedOf('a') / 1_000_000).toBeCloseTo(before, 2);
  expect(pace.speedOf('not seen yet')).toBe(pace.speedOf('a'));
});

test('a slot that was timed before the pages were measured takes no less than one that was timed after', () => {
  let costOf = (_page: string): number => 1;
  const slots = [0, 1].map((index) => ({
    id: `gpu${index}-0`,
    gpu: { index, vendor: 'nvidia' as const, visibleAs: String(index) },
  }));
  const schedule = new DynamicSchedule({ slots, costOf: (page) => costOf(page) });
  schedule.add(Array.from({ length: 42 }, (_, n) => ({ id: `p${n}`, path: '/p' })));
  schedule.close();
  const work = (slot: string): void => {
    const [page] = schedule.take(slot, 1) ?? [];
    if (page) schedule.finished(slot, page.id, 2);
  };
  work('gpu0-0');
  costOf = () => 2_000_000;
  schedule.costsChanged();
  work('gpu1-0');
  const shares = ['gpu0-0', 'gpu1-0'].map((slot) => {
    const taken = schedule.take(slot) ?? [];
    schedule.giveBack(slot, taken);
    return taken.length;
  });
  expect(shares).toEqual([18, 18]);
});
