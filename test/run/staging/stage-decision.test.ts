import { expect, test } from 'vitest';
import { longestStagedSeconds, stageDecision } from '../../../src/run/staging/stage-decision.ts';

const times = (seconds: number, count = 8): number[] => Array.from({ length: count }, () => seconds);

test.each([
  ['reads 8 pages first', { readSeconds: times(0.04, 7), pageSeconds: [1] }, 'read'],
  ['a local disk: off, before any page is finished', { readSeconds: times(0.001), pageSeconds: [] }, 'off'],
  ['a local disk, and pages of no work', { readSeconds: times(0.001), pageSeconds: times(0.002) }, 'off'],
  ['not fast, and no page is finished', { readSeconds: times(0.02), pageSeconds: [] }, 'wait'],
  ['slow, after two reads', { readSeconds: times(0.2, 2), pageSeconds: [] }, 'read'],
  ['slow, after three, and no page is finished', { readSeconds: times(0.2, 3), pageSeconds: [] }, 'try'],
  ['slow, after three, and a page is finished', { readSeconds: times(0.2, 3), pageSeconds: [1] }, 'on'],
  ['slow, and pages that take longer still', { readSeconds: times(0.2, 3), pageSeconds: [30] }, 'off'],
  ['3 % of a page', { readSeconds: times(0.03), pageSeconds: [1] }, 'on'],
  ['1 % of a page', { readSeconds: times(0.03), pageSeconds: [3] }, 'off'],
  ['exactly 2 % of a page', { readSeconds: times(0.02), pageSeconds: [1] }, 'off'],
  ['one read that stalled', { readSeconds: [9, ...times(0.001, 7)], pageSeconds: [0.1] }, 'off'],
  [
    'half of the pages from the cache',
    { readSeconds: [...times(0.001, 4), ...times(0.3, 4)], pageSeconds: [1] },
    'on',
  ],
  ['one page that took long', { readSeconds: times(0.1), pageSeconds: [1, 500, 1] }, 'on'],
] as const)('%s', (_what, seen, decision) => {
  expect(stageDecision(seen)).toBe(decision);
});

test('tells for which pages copying would pay', () => {
  expect(longestStagedSeconds(0.001)).toBeUndefined();
  expect(longestStagedSeconds(0.06)).toBeCloseTo(3);
});
