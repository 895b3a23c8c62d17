import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { mangaPlace, startManga } from './manga.ts';
import type { Launcher } from './rig.ts';
import { pagesTo, retriesOf, runWarm, startWarm, warmPlace } from './warm.ts';

test('every worker of one GPU dies on start: it is benched, the other one does all pages', async () => {
  const place = await warmPlace({ pages: ['1-ask.png', '2-ask.png', ...pagesTo(9)] });
  const launcher = startWarm(place, { env: { FAKE_DIE_ON_GPU: '1' } });
  // The good GPU has one of the first two pages in hand till then.
  await launcher.event('gpu-benched', ({ gpu }) => gpu === 1);
  for (const page of ['1-ask.png', '2-ask.png']) {
    void place.fakes.asking(page).then((asking) => asking.order('finish'));
  }
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(0);
  expect(run.counts).toMatchObject({ translated: 11, failed: 0, left: 0 });
  expect(retriesOf(launcher)).toEqual([]);
  const why = '3 workers in a row finished no page. Last output: exit code 1: RuntimeError: CUDA error: ';
  expect(launcher.of('gpu-benched')).toMatchObject([{ reason: expect.stringContaining(why) }]);
  const report = place.start({ argv: ['report', 'input-translated'] });
  expect(await report.exit).toBe(0);
  expect(report.text.join('\n')).toContain(`gpu1 disabled: ${why}`);
  const gpus = launcher.of('worker-started').map(({ gpu }) => gpu);
  expect(gpus.toSorted()).toEqual([0, 1, 1, 1]);
});

test.each([
  ['one GPU', { gpus: 1 }],
  ['one GPU with four workers', { gpus: 1, args: ['-w', '4'] }],
  ['three GPUs', { gpus: 3 }],
])('nothing works on %s: exit 3 with the last words, all pages are left', async (_where, setup) => {
  const run = await runWarm({ pages: pagesTo(9), ...setup, env: { FAKE_READY: 'die' } });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 9 });
  expect(run.launcher.of('run-finished')[0]?.message).toMatch(/no kernel image is available/);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

/** Starts of workers, and the first page that came out. */
const startsAndPage = (launcher: Launcher): string[] => {
  const told = launcher.events.flatMap((event) => {
    if (event.type === 'worker-started') return ['start'];
    return event.type === 'page-finished' && event.outcome === 'translated' ? ['page'] : [];
  });
  return told.filter((word, at) => word === 'start' || told.indexOf('page') === at);
};

test('models are missing: one worker goes first until its first page is done', async () => {
  const place = await mangaPlace(pagesTo(12), 3);
  const first = await checkAccounts(place, startManga(place), { sameBytes: false });
  expect(first.counts.translated).toBe(12);
  expect(startsAndPage(first.launcher)).toEqual(['start', 'page', 'start', 'start']);
  expect(await readdir(place.path('checkout/models'), { recursive: true })).not.toEqual([]);
  const next = await checkAccounts(place, startManga(place, ['--overwrite', 'all']), { sameBytes: false });
  expect(startsAndPage(next.launcher)).toEqual(['start', 'start', 'start', 'page']);
});

test('the worker that went first is lost: the next one goes first', async () => {
  const place = await mangaPlace(['0-crash.png', ...pagesTo(8)], 3);
  const run = await checkAccounts(place, startManga(place, ['--retries', '0']), { sameBytes: false });
  expect(run.outcomes['0-crash.png']).toBe('failed: crash');
  expect(run.counts).toMatchObject({ translated: 8, failed: 1 });
  expect(startsAndPage(run.launcher).slice(0, 3)).toEqual(['start', 'start', 'page']);
});

test('the first worker has only failures: the others come to their turn', async () => {
  const place = await mangaPlace(['1-fail-ocr.png', '2-fail-ocr.png', '3-fail-ocr.png'], 2);
  const run = await checkAccounts(place, startManga(place, ['--retries', '1']), { sameBytes: false });
  expect(run.counts).toMatchObject({ failed: 3 });
  expect(run.code).toBe(1);
  // One more each for a control: was it the page, or its process?
  expect(run.launcher.of('worker-started').length).toBeLessThanOrEqual(4);
});
