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

test('notes of all parts are there, also of pages that are not listed', () => {
  const noted = (page: string, count: number) => ({
    ...summaryOf(page, {}),
    notes: { count, pages: [{ page, notes: ['a sign is left'] }] },
  });
  const { notes } = mergeParts([
    { index: 1, going: false, summary: noted('a', 1) },
    { index: 2, going: false, summary: noted('b', 1200) },
    { index: 3, going: false, summary: summaryOf('3', {}) },
  ]);
  expect(notes?.count).toBe(1201);
  expect(notes?.pages.map(({ page }) => page)).toEqual(['a', 'b']);
});

test('where no part has a message there is no hint', () => {
  const { message, hint } = mergeParts([{ index: 1, going: false, summary: summaryOf('1', {}) }]);
  expect([message, hint]).toEqual([undefined, undefined]);
});
