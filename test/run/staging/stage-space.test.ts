import { expect, test } from 'vitest';
import { StageSpace } from '../../../src/run/staging/stage-space.ts';

test('what is under way counts before it is written, by the largest page so far', () => {
  const space = new StageSpace(20_000_000);
  expect([space.reserve(undefined), space.reserve(undefined)]).toEqual([8_000_000, 8_000_000]);
  expect(space.reserve(undefined)).toBeUndefined();
  space.settle(8_000_000, 3_000_000);
  expect(space.reserve(undefined)).toBe(3_000_000);
  space.release(8_000_000);
  expect(space.reserve(15_000_000)).toBeUndefined();
  expect(space.reserve(14_000_000)).toBe(14_000_000);
});

test('a small room takes one page of any size that fits', () => {
  const space = new StageSpace(4_000_000);
  expect(space.reserve(undefined)).toBe(4_000_000);
  expect([space.couldHold(4_000_000), space.couldHold(4_000_001)]).toEqual([true, false]);
});
