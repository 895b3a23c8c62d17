import { expect, test } from 'vitest';
import { steadyClock } from '../../src/model/steady-clock.ts';

test('goes on at its pace where the clock is set back, and follows one that is set ahead', () => {
  let [wallMs, monotonicMs] = [1_000_000, 50];
  const now = steadyClock({ wall: () => wallMs, monotonic: () => monotonicMs });
  const pass = (ms: number, setByMs = 0): number => {
    monotonicMs += ms;
    wallMs += ms + setByMs;
    return now();
  };
  expect(now()).toBe(1_000_000);
  expect(pass(500)).toBe(1_000_500);
  expect(pass(500, -3_600_000)).toBe(1_001_000);
  expect(pass(250)).toBe(1_001_250);
  expect(pass(750, 3_600_000)).toBe(1_002_000);
  expect(pass(0, 7_200_000)).toBe(8_202_000);
  expect(pass(1000, -100)).toBe(8_203_000);
});
