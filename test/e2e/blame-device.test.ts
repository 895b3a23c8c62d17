import { expect, test } from 'vitest';
import { runToEnd } from './accounts.ts';
import { badOnes, begunOn, numbered } from './blame.ts';
import { runWarm } from './warm.ts';

const NO_KERNEL = /no kernel image is available/;

test('three of four GPUs fail everything, and the good one is the last to load: it does all pages', async () => {
  const env = { FAKE_FAIL_ON_GPU: '0,1,2', FAKE_LOAD_SECONDS_ON: '3=1.5' };
  const run = await runWarm({ pages: numbered(20), gpus: 4, env });
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 20, failed: 0, left: 0 });
  expect(run.code).toBe(0);
  expect(begunOn(run, ['0', '1', '2']).length).toBeLessThanOrEqual(12);
});

test('a GPU that fails everything is given up with its last words', async () => {
  const env = { FAKE_FAIL_ON_GPU: '1', FAKE_PAGE_SECONDS: '0.02' };
  const run = await runWarm({ pages: numbered(60), env });
  expect(badOnes(run)).toEqual({});
  expect(run.launcher.of('gpu-benched')).toMatchObject([
    { gpu: 1, reason: expect.stringMatching(NO_KERNEL) },
  ]);
  const report = run.place.start({ argv: ['report', 'input-translated'] });
  expect(await report.exit).toBe(0);
  expect(report.text.join('\n')).toMatch(/gpu1 disabled: .*no kernel image is available/);
});

test('--retries 0: what failed there is still held against no page', async () => {
  const env = { FAKE_FAIL_ON_GPU: '1', FAKE_PAGE_SECONDS: '0.02' };
  const run = await runWarm({ pages: numbered(60), env, args: ['--retries', '0'] });
  expect(badOnes(run)).toEqual({});
  expect(run.launcher.of('gpu-benched')).toMatchObject([{ gpu: 1 }]);
});

test('bad pages beside a good GPU bench none', async () => {
  const pages = numbered(40);
  const bad = pages.slice(0, 6);
  const plan = Object.fromEntries(bad.map((page) => [page, 'error']));
  const run = await runWarm({ pages, plan, env: { FAKE_PAGE_SECONDS: '0.01' } });
  expect(Object.keys(badOnes(run)).sort()).toEqual(bad);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
  expect(run.code).toBe(1);
});

test('no two GPUs are benched for pages that are bad on both', async () => {
  const plan = { '00[1-4].png': 'break-context' };
  const run = await runWarm({ pages: numbered(24), plan, env: { FAKE_PAGE_SECONDS: '0.01' } });
  expect(Object.keys(badOnes(run)).sort()).toEqual(numbered(4));
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('a script on four GPUs, three of which fail everything', async () => {
  const env = { FAKE_FAIL_ON_GPU: '1,2,3', FAKE_PAGE_SECONDS: '0.02' };
  const run = await runToEnd({ pages: numbered(20), gpus: 4, env });
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 20, failed: 0, left: 0 });
  expect(run.code).toBe(0);
  expect(begunOn(run, ['1', '2', '3']).length).toBeLessThanOrEqual(60);
});
