import { expect, test } from 'vitest';
import type { Clock } from '../../src/dispatch/clock.ts';
import { WaitingSlots } from '../../src/dispatch/waiting-slots.ts';

/** A clock that shows this time, and remembers for how long it is to wake somebody. */
function clockAt(nowMs: number) {
  const timers: number[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (ms) => {
      timers.push(ms);
      return () => {};
    },
  };
  return { timers, waiting: new WaitingSlots(clock) };
}

test.each([
  ['a time to come is waited for', 0, 10, [990]],
  ['what was over only after the slot looked is looked at again', 999.9, 1000.2, [0]],
  ['what was over when the slot looked brings nothing new', 1000.1, 1000.2, []],
])('%s', (_what, lookedMs, nowMs, expected) => {
  const { timers, waiting } = clockAt(nowMs);
  void waiting.wait(1000, lookedMs);
  expect(timers).toEqual(expected);
});

test('who waits longest does not keep the others waiting', () => {
  const { timers, waiting } = clockAt(0);
  for (const untilMs of [900, 5000, 100]) void waiting.wait(untilMs, 0);
  expect(timers).toEqual([900, 100]);
});
