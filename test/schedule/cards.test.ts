import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { Cards } from '../../src/schedule/cards.ts';
import { PeakFit } from '../../src/schedule/peak-fit.ts';

const GB = 1e9;
const slot = (id: string, { total = 16, free }: { total?: number; free?: number } = {}): Slot => ({
  id,
  gpu: {
    index: 0,
    vendor: 'nvidia',
    visibleAs: '0',
    memoryTotalBytes: total * GB,
    memoryFreeBytes: (free ?? total) * GB,
  },
});
const CPU: Slot = { id: 'cpu-0', gpu: null };
/** `p5` has a peak of 5 GB; `x` is not known. */
const peakOf = (page: string): number | undefined => (page === 'x' ? undefined : Number(page.slice(1)) * GB);

test('held, reserved and free add up to the room', () => {
  const cards = new Cards({ peakOf });
  const [a, b] = [slot('a', { free: 15 }), slot('b', { free: 15 })];
  cards.holds(a, 2 * GB);
  cards.began(a, 'p5');
  expect(cards.memoryOf(a)).toEqual({
    gpu: 0,
    room: 15 * GB,
    held: 2.5 * GB,
    reserved: 3 * GB,
    free: 9.5 * GB,
  });
  cards.ended(a, 'p5', { bytes: 4 * GB, ms: 1000 });
  expect(cards.memoryOf(b)).toMatchObject({ held: 2.5 * GB, reserved: 0 });
  cards.gone(a);
  expect(cards.memoryOf(b)).toBeUndefined();
});

test('a limit bounds the card, and what others take since the start does too', () => {
  const one = slot('a', { total: 16, free: 14 });
  expect(new Cards({ peakOf, limitBytes: 8 * GB }).roomOf(one)).toBe(8 * GB);
  expect(new Cards({ peakOf, limitBytes: 80 * GB }).roomOf(one)).toBe(14 * GB);
  expect(new Cards({ peakOf, limitBytes: 8 * GB }).roomOf(CPU)).toBeUndefined();
  const cards = new Cards({ peakOf });
  cards.holds(one, 3 * GB);
  cards.sampled(one, 6 * GB);
  expect(cards.roomOf(one)).toBe(14 * GB);
  cards.sampled(one, 12 * GB);
  expect(cards.roomOf(one)).toBe((14 - 6.5) * GB);
  cards.sampled(one, 2 * GB);
  expect(cards.roomOf(one)).toBe(14 * GB);
  // It may all be that worker's.
  cards.began(slot('b', { total: 16, free: 14 }), 'p5');
  cards.sampled(one, 12 * GB);
  expect(cards.roomOf(one)).toBe(14 * GB);
});

test('a page fits beside others, or waits; an unknown one starts as ever', () => {
  const cards = new Cards({ peakOf });
  const [a, b, c] = [slot('a'), slot('b'), slot('c')];
  expect(cards.mayStart(a, 'p40', 0)).toBe(true);
  cards.began(a, 'p10');
  expect(cards.mayStart(b, 'p6', 0)).toBe(false);
  expect(cards.mayStart(b, 'p5', 0)).toBe(true);
  expect(cards.mayStart(b, 'x', 0)).toBe(true);
  // What a worker holds already needs no room for its next page.
  cards.holds(b, 4 * GB);
  expect(cards.mayStart(b, 'p2', 0)).toBe(true);
  expect(cards.mayStart(c, 'p2', 0)).toBe(false);
  cards.ended(a, 'p10');
  expect(cards.mayStart(b, 'p40', 0)).toBe(true);
  expect(cards.mayStart(CPU, 'p40', 0)).toBe(true);
});

test('who waits lets others pass for two pages’ time, and no longer', () => {
  const cards = new Cards({ peakOf });
  const [a, b, c] = [slot('a'), slot('b'), slot('c')];
  cards.began(a, 'p8');
  cards.ended(a, 'p8', { ms: 1000 });
  cards.began(a, 'p8');
  expect(cards.mayStart(b, 'p12', 0)).toBe(false);
  expect(cards.mayStart(c, 'p3', 1999)).toBe(true);
  expect(cards.mayStart(c, 'p3', 2000)).toBe(false);
  expect([cards.mayFollow(c, 'p3', 2000), cards.mayFollow(b, 'p3', 2000)]).toEqual([false, true]);
  // Nothing is at work any more, and it still comes first.
  cards.ended(a, 'p8');
  expect([cards.mayStart(c, 'p3', 2000), cards.isWaiting(b), cards.isWaiting(c)]).toEqual([
    false,
    true,
    false,
  ]);
  cards.stopsWaiting('b');
  expect(cards.mayStart(c, 'p3', 2000)).toBe(true);
});

test('a page ahead takes no more than the one before', () => {
  const cards = new Cards({ peakOf });
  const a = slot('a');
  cards.began(a, 'p5');
  expect([cards.mayFollow(a, 'p5', 0), cards.mayFollow(a, 'p6', 0), cards.mayFollow(a, 'x', 0)]).toEqual([
    true,
    false,
    true,
  ]);
  // It is at work on that one as soon as it is done with the other.
  cards.follows(a, 'p3');
  cards.ended(a, 'p5');
  expect(cards.memoryOf(a)).toMatchObject({ reserved: 3.5 * GB });
  cards.ended(a, 'p5');
  expect(cards.memoryOf(a)).toMatchObject({ reserved: 3.5 * GB });
});

test('a worker that doesn’t tell what it holds has no more than its smallest page took', () => {
  const cards = new Cards({ peakOf });
  const a = slot('a');
  for (const [page, bytes] of [
    ['p5', 5],
    ['p3', 3],
    ['p6', 6],
  ] as const) {
    cards.began(a, page);
    cards.ended(a, page, { bytes: bytes * GB });
  }
  expect(cards.memoryOf(a)).toMatchObject({ held: 3.5 * GB });
});

test('what pages took, and what found no room, is learned from', () => {
  const seen: unknown[] = [];
  const cards = new Cards({ peakOf, seen: (...sample) => seen.push(sample) });
  const a = slot('a', { total: 10.5 });
  cards.began(a, 'p5');
  cards.ended(a, 'p5', { bytes: 4 * GB });
  cards.ended(a, 'p5', { bytes: 9 * GB });
  cards.foundNoRoom(a, 'p7');
  expect(seen).toEqual([
    ['p5', 4 * GB],
    ['p7', 10.5 * GB],
  ]);
});

test('a peak is a part for all pages and one for each pixel, never below what was seen', () => {
  const fit = new PeakFit();
  expect(fit.of(1)).toBeUndefined();
  fit.add(2, 9);
  expect([fit.of(1), fit.of(8)]).toEqual([9, 9]);
  for (let pixels = 1; pixels <= 300; pixels += 1) fit.add(pixels, 5 + 2 * pixels + (pixels % 3));
  for (let pixels = 101; pixels <= 300; pixels += 1) {
    expect(fit.of(pixels)).toBeGreaterThanOrEqual(5 + 2 * pixels + (pixels % 3) - 1e-6);
    expect(fit.of(pixels)).toBeLessThanOrEqual(5 + 2 * pixels + 5);
  }
  // Larger pages never need less.
  const odd = new PeakFit();
  odd.add(1, 10);
  odd.add(5, 4);
  expect(odd.of(9)).toBe(10);
});
