import { expect, test } from 'vitest';
import { runToEnd } from './accounts.ts';
import { badOnes, numbered, starts } from './blame.ts';
import { retriesOf, runWarm } from './warm.ts';

const DEVICE_SIDE_ASSERT = /device-side assert triggered/;

test.each([
  ['break-context', DEVICE_SIDE_ASSERT],
  ['break-odd', /the pipeline is in a bad state/],
])('a page that breaks its process costs that page: %s', async (fault, words) => {
  const run = await runWarm({ pages: numbered(40), gpus: 1, plan: { '005.png': fault } });
  expect(badOnes(run)).toEqual({ '005.png': 'failed: error' });
  expect(run.messages['005.png']).toMatch(words);
  expect(run.counts).toMatchObject({ translated: 39, failed: 1, left: 0 });
  expect(run.code).toBe(1);
  expect(starts(run)).toBeLessThanOrEqual(4);
  expect(run.begun.length).toBeLessThanOrEqual(44);
});

test('the last page breaks its process', async () => {
  const run = await runWarm({ pages: numbered(10), gpus: 1, plan: { '010.png': 'break-odd' } });
  expect(badOnes(run)).toEqual({ '010.png': 'failed: error' });
  expect(run.code).toBe(1);
});

test('two such pages in a row cost two pages', async () => {
  const plan = { '005.png': 'break-context', '006.png': 'break-context' };
  const run = await runWarm({ pages: numbered(20), gpus: 1, plan });
  expect(badOnes(run)).toEqual({ '005.png': 'failed: error', '006.png': 'failed: error' });
});

test('such a page on two GPUs', async () => {
  const run = await runWarm({ pages: numbered(30), plan: { '005.png': 'break-odd' } });
  expect(badOnes(run)).toEqual({ '005.png': 'failed: error' });
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('out of memory for ever after one page: all others are good', async () => {
  const run = await runWarm({ pages: numbered(30), gpus: 1, plan: { '005.png': 'oom-forever' } });
  expect(badOnes(run)).toEqual({ '005.png': 'failed: oom' });
  expect(run.messages['005.png']).toMatch(/out of memory/);
  expect(run.counts).toMatchObject({ translated: 29, failed: 1, left: 0 });
  expect(run.code).toBe(1);
});

test('pages that fail by themselves, one in three, do not cost a process each', async () => {
  const pages = numbered(60);
  const bad = pages.filter((_, at) => at % 3 === 1);
  const plan = Object.fromEntries(bad.map((page) => [page, 'error']));
  const run = await runWarm({ pages, gpus: 1, plan, args: ['--retries', '0'] });
  expect(Object.keys(badOnes(run)).sort()).toEqual(bad);
  expect(starts(run)).toBeLessThanOrEqual(3);
});

test('a page in a row of bad ones is told of once as tried again, and where its last try was', async () => {
  const plan = { '003.png': 'break-odd' };
  const run = await runWarm({ pages: numbered(8), gpus: 1, plan, args: ['--retries', '0'] });
  expect(badOnes(run)).toEqual({ '003.png': 'failed: error' });
  // The page after it was the control, and went well: nothing is held against it.
  expect(retriesOf(run.launcher)).toEqual(['004.png: error']);
  const control = run.launcher.of('page-finished').find(({ page }) => page === '004.png');
  expect(control).toMatchObject({ outcome: 'translated', attempt: 1 });
});

test('a script that one page breaks', async () => {
  const run = await runToEnd({ pages: numbered(20), gpus: 1, plan: { '005.png': 'break-odd' } });
  expect(badOnes(run)).toEqual({ '005.png': 'failed: error' });
  expect(run.counts).toMatchObject({ translated: 19, failed: 1, left: 0 });
  expect(run.code).toBe(1);
});
