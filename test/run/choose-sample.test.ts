import { expect, test } from 'vitest';
import { chooseSample } from '../../src/run/choose-sample.ts';

const items = Array.from({ length: 1000 }, (_, at) => ({
  at,
  size: at % 50 === 0 ? 50 : 1 + ((at * 7) % 10),
}));
const sizeOf = ({ size }: { size: number }): number => size;

test('a sample comes from all over the input, and from all sizes', () => {
  const sample = chooseSample(items, { count: 20, sizeOf });
  expect(sample).toHaveLength(20);
  expect(new Set(sample.map(({ at }) => Math.floor(at / 50))).size).toBe(20);
  const mean = (some: typeof items): number => some.reduce((sum, { size }) => sum + size, 0) / some.length;
  const small = items.filter(({ size }) => size < 50);
  expect(Math.abs(mean(sample.filter(({ size }) => size < 50)) - mean(small))).toBeLessThan(1);
  expect(new Set(sample.map(sizeOf)).size).toBeGreaterThan(7);
  expect(chooseSample(items, { count: 20, sizeOf })).toEqual(sample);
});

test('pages of one size are taken at even distances, and of few pages all', () => {
  const alike = items.map(({ at }) => ({ at, size: 1 }));
  const places = chooseSample(alike, { count: 10, sizeOf }).map(({ at }) => at);
  expect(new Set(places.map((at) => Math.floor(at / 100))).size).toBe(10);
  expect(chooseSample(alike.slice(0, 3), { count: 10, sizeOf })).toHaveLength(3);
});
