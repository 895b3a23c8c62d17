import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { badOnes, numbered, starts } from './blame.ts';
import { eventually } from './process.ts';
import { pagesTo, runWarm, startWarm, warmPlace } from './warm.ts';

test.each([
  [2, 1],
  [3, 2],
])('-w %i where %i fit: the slot is retired, the others go on', async (workers, fit) => {
  const run = await runWarm({
    pages: pagesTo(16),
    gpus: 1,
    args: ['-w', String(workers)],
    env: { FAKE_MOST_PER_GPU: String(fit), FAKE_PAGE_SECONDS: '0.1' },
  });
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 16, failed: 0, left: 0 });
  expect(run.code).toBe(0);
  expect(starts(run)).toBeLessThanOrEqual(fit + 3);
  const why = `${fit} of ${workers} workers fit on gpu0`;
  expect(run.launcher.of('slot-retired').map((event) => event.why)).toEqual([why]);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
  const report = run.place.start({ argv: ['report', 'input-translated'] });
  expect(await report.exit).toBe(0);
  expect(report.text.join('\n')).toContain(why);
});

test('one of two workers fits on each of two GPUs', async () => {
  const run = await runWarm({
    pages: pagesTo(24),
    args: ['-w', '2'],
    env: { FAKE_MOST_PER_GPU: '1', FAKE_PAGE_SECONDS: '0.1' },
  });
  expect(badOnes(run)).toEqual({});
  expect(run.code).toBe(0);
  expect(
    run.launcher
      .of('slot-retired')
      .map(({ why }) => why)
      .sort(),
  ).toEqual(['1 of 2 workers fit on gpu0', '1 of 2 workers fit on gpu1']);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('loads that fail together go well one after the other', async () => {
  const run = await runWarm({
    pages: numbered(40),
    gpus: 8,
    env: { FAKE_MOST_LOADING: '2', FAKE_LOAD_SECONDS: '0.2', FAKE_PAGE_SECONDS: '0.1' },
  });
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 40, failed: 0, left: 0 });
  expect(run.code).toBe(0);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
  expect(run.launcher.of('slot-retired')).toEqual([]);
});

test('only one may load at a time, and the pages are few', async () => {
  const run = await runWarm({
    pages: numbered(3),
    gpus: 4,
    env: { FAKE_MOST_LOADING: '1', FAKE_LOAD_SECONDS: '0.1' },
  });
  expect(badOnes(run)).toEqual({});
  expect(run.code).toBe(0);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test.each([
  ['SIGINT', ['-w', '3'], 130],
  ['--max-time', ['-w', '3', '--max-time', '4s'], 4],
] as const)('%s while workers wait for their turn to load', async (how, args, code) => {
  const place = await warmPlace({ pages: pagesTo(12) });
  const launcher = startWarm(place, { args, env: { FAKE_LOAD_SECONDS: '3600' } });
  await eventually(() => expect(place.fakes.of('start')).toHaveLength(2));
  if (how === 'SIGINT') launcher.kill('SIGINT');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(code);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 12 });
  expect(starts(run)).toBe(2);
});
