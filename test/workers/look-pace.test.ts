import { expect, test } from 'vitest';
import { napMsAfter } from '../../src/workers/look-pace.ts';

test.each([
  [1, false, 250],
  [1, true, 40],
  [100, false, 2000],
  [100, true, 2000],
  [60_000, false, 5000],
])('after a look of %d ms (draining: %s) there is a nap of %d ms', (lookedMs, isDraining, napMs) => {
  expect(napMsAfter(lookedMs, { isDraining })).toBe(napMs);
});
