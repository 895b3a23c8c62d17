import { expect, test } from 'vitest';
import { mergeParts } from '../../../src/report/history/merge-parts.ts';
import { SummaryBuilder } from '../../../src/report/summary.ts';

const summaryOf = (run: string, ended: { message?: string; hint?: string }) => ({
  ...new SummaryBuilder().summary(),
  run,
  ...ended,
});

test('a message goes with the hint of its own part', () => {
  const { message, hint } = mergeParts([
    { index: 1, going: false, summary: summaryOf('1', { message: 'no space is left', hint: 'make room' }) },
    { index: 2, going: false, summary: summaryOf('2', { message: 'no GPU is left', hint: 'see the logs' }) },
  ]);
  expect([message, hint]).toEqual(['no space is left', 'make room']);
});

test('where no part has a message there is no hint', () => {
  const { message, hint } = mergeParts([{ index: 1, going: false, summary: summaryOf('1', {}) }]);
  expect([message, hint]).toEqual([undefined, undefined]);
});
