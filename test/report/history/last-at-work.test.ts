import { expect, test } from 'vitest';
import { withLastAtWork } from '../../../src/report/history/last-at-work.ts';
import { SummaryBuilder } from '../../../src/report/summary.ts';
import type { RunSummary } from '../../../src/report/summary-schema.ts';

const NONE = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 };

const summaryOf = (run: string, counts: Partial<RunSummary['counts']>): RunSummary => ({
  ...new SummaryBuilder().summary(),
  run,
  finished: true,
  exitCode: 0,
  counts: { ...NONE, ...counts },
});

const RUNS: Readonly<Record<string, RunSummary>> = {
  a: summaryOf('a', { translated: 3 }),
  b: summaryOf('b', { translated: 1, failed: 2 }),
  c: summaryOf('c', { skipped: 4 }),
  d: summaryOf('d', { skipped: 4 }),
};

const told = async (run: string) => {
  const summary = RUNS[run];
  return summary && withLastAtWork(summary, [...Object.keys(RUNS), 'e'], async (name) => RUNS[name]);
};

test('a run that had nothing to do tells of the last one that had', async () => {
  expect(await told('d')).toMatchObject({
    run: 'd',
    lastAtWork: { run: 'b', counts: { failed: 2 }, exitCode: 0 },
  });
});

test('a run that had something to do tells of itself alone', async () => {
  expect(await told('b')).not.toHaveProperty('lastAtWork');
});
