import { describe, expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { costAt, fitLine } from '../../src/schedule/cost-line.ts';
import { Costs } from '../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../src/schedule/dynamic.ts';
import { KEPT_POINTS, MeasuredCosts } from '../../src/schedule/measured-costs.ts';

const slotOf = (index: number, name?: string): Slot => ({
  id: `gpu${index}-0`,
  gpu: { index, vendor: 'nvidia', visibleAs: String(index), ...(name !== undefined && { name }) },
});
const sizes = [1, 2, 3, 4, 6, 1, 2, 8, 3, 1.5];

describe('the line', () => {
  test('finds what any page costs, and each megapixel', () => {
    const line = fitLine(sizes.map((megapixels) => ({ megapixels, value: 2 + 0.5 * megapixels })));
    expect(line?.base).toBeCloseTo(2);
    expect(line?.perMegapixel).toBeCloseTo(0.5);
  });

  test('some pages that took far longer than others of their size hardly move it', () => {
    const points = Array.from({ length: 60 }, (_, n) => {
      const megapixels = sizes[n % sizes.length] ?? 1;
      return { megapixels, value: (2 + 0.5 * megapixels) * (n % 30 === 7 ? 30 : 1 + 0.1 * ((n % 3) - 1)) };
    });
    const line = fitLine(points);
    for (const megapixels of [1, 4, 8])
      expect(
        Math.abs(costAt(line ?? { base: 0, perMegapixel: 0 }, megapixels) / (2 + 0.5 * megapixels) - 1),
      ).toBeLessThan(0.15);
  });

  test('predicts what pages take together where most are quick and some are not', () => {
    const points = Array.from({ length: 200 }, (_, n) => ({ megapixels: 2, value: n % 4 === 0 ? 2.5 : 1 }));
    const line = fitLine(points);
    expect(costAt(line ?? { base: 0, perMegapixel: 0 }, 2)).toBeCloseTo(1.375, 1);
  });

  test('neither part is negative, whatever was measured', () => {
    const falling = fitLine(sizes.map((megapixels) => ({ megapixels, value: 10 - megapixels })));
    expect(falling?.perMegapixel).toBe(0);
    expect(falling?.base).toBeGreaterThan(0);
    const steep = fitLine(sizes.map((megapixels) => ({ megapixels, value: megapixels ** 2 })));
    expect(steep?.base).toBe(0);
  });

  test('few pages, or ones of one size, give a mean by pixels; pages without a size one by pages', () => {
    expect(fitLine([])).toBeUndefined();
    expect(fitLine([{ megapixels: 2, value: 1 }])).toEqual({ base: 0, perMegapixel: 0.5 });
    const alike = fitLine(sizes.map((_, n) => ({ megapixels: 2, value: n % 2 === 0 ? 0.9 : 1.1 })));
    expect(alike?.base).toBe(0);
    expect(alike?.perMegapixel).toBeCloseTo(0.5);
    expect(fitLine([2, 4].map((value) => ({ megapixels: undefined, value })))).toEqual({
      base: 3,
      perMegapixel: 0,
    });
  });
});

test('what was measured is thinned out evenly, and keeps its line', () => {
  const measured = new MeasuredCosts();
  for (let n = 0; n < 50 * KEPT_POINTS; n += 1) measured.add(1, n);
  expect(measured.points.length).toBeLessThan(2 * KEPT_POINTS);
  expect(measured.points[0]?.value).toBe(0);
  expect(costAt(measured.line ?? { base: 0, perMegapixel: 0 }, 1)).toBeGreaterThan(20 * KEPT_POINTS);
});

test('before anything was timed pages cost their megapixels, one without a size an average one', () => {
  const costs = new Costs();
  costs.sized('a', 1e6);
  costs.sized('b', 3e6);
  expect(costs.of('a')).toBe(costs.of('b'));
  costs.allSized();
  expect(['a', 'b', 'c'].map(costs.of)).toEqual([1, 3, 2]);
  expect(costs.secondsOn('gpu0-0')).toBeUndefined();
  expect(costs.loadSecondsOn('gpu0-0')).toBeUndefined();
});

test('seconds, bytes and loads are learned by the kind of device, and the pace of each slot', () => {
  const costs = new Costs();
  const slots = [slotOf(0, 'T4'), slotOf(1, 'T4'), slotOf(2, 'A100'), slotOf(3, 'A100')];
  for (const slot of slots) costs.join(slot);
  for (let n = 0; n < 40; n += 1) costs.sized(`${n}`, (sizes[n % sizes.length] ?? 1) * 1e6);
  costs.allSized();
  const secondsOf = (slot: number, megapixels: number): number =>
    (slot < 2 ? 2 + megapixels : 0.5 + 0.5 * megapixels) * (slot === 1 ? 2 : 1);
  for (let n = 0; n < 40; n += 1) {
    // The fourth slot has done nothing yet.
    const slot = n % 3 === 0 ? 1 : n % 2 === 0 ? 0 : 2;
    costs.worked(`gpu${slot}-0`, `${n}`, secondsOf(slot, sizes[n % sizes.length] ?? 1));
    if (slot < 2) costs.held(`gpu${slot}-0`, `${n}`, 1e9 + 1e8 * (sizes[n % sizes.length] ?? 1));
  }
  costs.loaded('gpu0-0', 4);
  costs.loaded('gpu0-0', 6);
  costs.sized('new', 10e6);
  expect(costs.secondsOn('gpu2-0')?.('new')).toBeCloseTo(5.5, 1);
  expect(costs.secondsOn('gpu3-0')?.('new')).toBeCloseTo(5.5, 1);
  const [quick = 0, slow = 0] = ['gpu0-0', 'gpu1-0'].map((slot) => costs.secondsOn(slot)?.('new'));
  expect(slow / quick).toBeGreaterThan(1.5);
  expect(
    costs.known.get('T4')?.bytes.every(({ megapixels = 0, value }) => value === 1e9 + 1e8 * megapixels),
  ).toBe(true);
  expect(['gpu1-0', 'gpu3-0'].map((slot) => costs.loadSecondsOn(slot))).toEqual([5, 5]);
});

test('a slot that was timed before the pages were measured takes no less than one that was timed after', () => {
  const slots = [slotOf(0), slotOf(1)];
  const costs = new Costs();
  const schedule = new DynamicSchedule({ slots, costs });
  const pages = Array.from({ length: 42 }, (_, n) => ({ id: `p${n}`, path: '/p' }));
  schedule.add(pages);
  schedule.close();
  const work = (slot: string): void => {
    const [page] = schedule.take(slot, 1) ?? [];
    if (page) schedule.finished(slot, page.id, 2);
  };
  work('gpu0-0');
  for (const { id } of pages) costs.sized(id, 2e6);
  costs.allSized();
  schedule.costsChanged();
  work('gpu1-0');
  expect(costs.speedOf('gpu0-0')).toBeCloseTo(costs.speedOf('gpu1-0'));
  expect(costs.speedOf('not seen yet')).toBeCloseTo(costs.speedOf('gpu0-0'));
  const shares = slots.map(({ id }) => {
    const taken = schedule.take(id) ?? [];
    schedule.giveBack(id, taken);
    return taken.length;
  });
  expect(shares[0]).toBe(shares[1]);
});

test('what is known goes on to the next run, and a copy learns by itself', () => {
  const costs = new Costs();
  costs.join(slotOf(0, 'T4'));
  for (let n = 0; n < 10; n += 1) {
    costs.sized(`${n}`, (sizes[n] ?? 1) * 1e6);
    costs.worked('gpu0-0', `${n}`, 1 + (sizes[n] ?? 1));
  }
  costs.loaded('gpu0-0', 7);
  const next = new Costs({ known: costs.known });
  next.join(slotOf(5, 'T4'));
  next.sized('x', 4e6);
  expect(next.secondsOn('gpu5-0')?.('x')).toBeCloseTo(5, 1);
  expect(next.knows('gpu5-0')).toBe(true);
  expect(next.loadSecondsOn('gpu5-0')).toBe(7);
  const copy = costs.copy();
  copy.loaded('gpu0-0', 100);
  for (let n = 0; n < 10; n += 1) copy.worked('gpu0-0', `${n}`, 100);
  expect(costs.loadSecondsOn('gpu0-0')).toBe(7);
  expect(costs.secondsOn('gpu0-0')?.('3')).toBeCloseTo(5, 1);
});
