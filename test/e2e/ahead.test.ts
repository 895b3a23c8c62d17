import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { begunOn, numbered } from './blame.ts';
import { stopping } from './process.ts';
import { runWarm, slotsOf, startWarm, warmPlace } from './warm.ts';

const LONG_PAGES = { FAKE_PAGE_SECONDS: '2' };

test('a page that is held behind one that takes long goes to whoever is free', async () => {
  const run = await runWarm({
    pages: numbered(6),
    env: LONG_PAGES,
    plan: { '003.png': { fault: 'slow', seconds: 6 } },
  });
  expect(run.counts).toMatchObject({ translated: 6, failed: 0, left: 0 });
  // The slot of the long page begins with none after it: all others go elsewhere.
  const [slot = ''] = slotsOf(run.launcher)['003.png'] ?? [];
  const begun = begunOn(run, [slot.slice('gpu'.length, -'-0'.length)]).map(({ page }) => page);
  expect(begun.at(-1)).toBe('003.png');
  // A page was told of as begun where a worker got it, and there alone.
  const started = run.launcher.of('page-started').map(({ page }) => page);
  expect(started.toSorted()).toEqual(numbered(6));
  expect(run.begun.toSorted()).toEqual(numbered(6));
});

test('a page that is held is left, and not told of as begun, where the run stops', async () => {
  const place = await warmPlace({ pages: numbered(12), gpus: 1 });
  // A launcher that gets little of a busy machine sends pages ahead that are not so long.
  const env = { FAKE_PAGE_SECONDS: '6' };
  const launcher = startWarm(place, { env, plan: { '002.png': 'ask' } });
  const asking = await place.fakes.asking('002.png');
  launcher.kill('SIGINT');
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.outcomes).toEqual({ '001.png': 'translated', '002.png': 'translated' });
  expect(launcher.of('page-started').map(({ page }) => page)).toEqual(['001.png', '002.png']);
  expect(launcher.of('worker-exited')).toMatchObject([{ exitCode: 0, signal: null, pages: 2 }]);
});

test('a worker that is lost on a long page loses no page that was held for it', async () => {
  const place = await warmPlace({ pages: numbered(4), gpus: 1 });
  const launcher = startWarm(place, {
    env: LONG_PAGES,
    plan: { '002.png': 'ask' },
    args: ['--retries', '0'],
  });
  (await place.fakes.asking('002.png')).order('crash');
  const run = await checkAccounts(place, launcher);
  expect(run.outcomes).toMatchObject({ '002.png': 'failed: crash' });
  expect(run.counts).toMatchObject({ translated: 3, failed: 1, left: 0 });
  const started = launcher.of('page-started').map(({ page }) => page);
  expect(started.toSorted()).toEqual(numbered(4));
});
