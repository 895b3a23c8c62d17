import { expect, test } from 'vitest';
import { StartsSeen } from '../../src/workers/starts-seen.ts';

test('a child has twice the slowest start, and the time of its pages', () => {
  const starts = new StartsSeen();
  const alone = { pages: 1, pageTimeoutMs: 900_000 };
  expect(starts.mostMs(alone)).toBeUndefined();
  starts.saw(20_000);
  starts.saw(5000);
  expect(starts.mostMs(alone)).toBe(940_000);
  expect(starts.mostMs({ ...alone, pages: 3 })).toBe(2_740_000);
  expect(starts.mostMs({ ...alone, pageTimeoutMs: 0 })).toBeUndefined();
});
