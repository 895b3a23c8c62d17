import { expect, test } from 'vitest';
import { writtenMs } from '../../src/workers/written-time.ts';

const SEEN = { notBeforeMs: 4000 };
const NOW = { nowMs: 4250, wallMs: 1_700_000_004_250 };

test('a file was written when its ctime says, on the monotonic clock', () => {
  expect(writtenMs({ ctimeMs: 1_700_000_004_100.5 }, SEEN, NOW)).toBe(4100.5);
});

test.each([
  ['a disk whose clock is an hour ahead', 1_700_003_604_100, 4250],
  ['a disk whose clock is an hour behind', 1_699_996_404_100, 4000],
  ['a disk that keeps no such time', 0, 4000],
])('%s: it was written between two looks', (_name, ctimeMs, expected) => {
  expect(writtenMs({ ctimeMs }, SEEN, NOW)).toBe(expected);
});
