import { expect, test } from 'vitest';
import { WorkerMemory } from '../../src/workers/worker-memory.ts';

test('as long as nobody has loaded nothing is known to be short', () => {
  expect(new WorkerMemory(() => 0).isShortFor(2)).toBe(false);
});

test.each([
  [21, false],
  [22, false],
  [21.9, true],
])('peaks of 10 for two that load, %d free', (free, isShort) => {
  const memory = new WorkerMemory(() => (free === 21 ? undefined : free));
  for (const peak of [4, 10, 7, undefined]) memory.note(peak);
  expect(memory.isShortFor(2)).toBe(isShort);
});
