import { expect, test } from 'vitest';
import { TINY_PNG } from '../fixtures/trouble.ts';
import { checkAccounts } from './accounts.ts';
import { ledgerOf } from './process.ts';
import { pagesTo, retriesOf, runWarm, slotsOf, startWarm, warmPlace } from './warm.ts';

test('each outcome and reason, by the file that is there', async () => {
  const faults = ['no-text', 'untranslated', 'null-output', 'no-output', 'cut', 'empty'];
  const pages = [...faults, 'oom', 'unreadable', 'error', 'error-mute', 'stages', 'none'];
  const run = await runWarm({
    pages: pages.map((fault) => `${fault}.png`),
    gpus: 1,
    args: ['--retries', '0'],
  });
  expect(run.outcomes).toEqual({
    'none.png': 'translated',
    'stages.png': 'translated',
    'no-text.png': 'no-text',
    'null-output.png': 'no-text',
    'untranslated.png': 'untranslated',
    'no-output.png': 'failed: no-output',
    'cut.png': 'failed: bad-output',
    'empty.png': 'failed: bad-output',
    'oom.png': 'failed: oom',
    'unreadable.png': 'failed: unreadable',
    'error.png': 'failed: error',
    'error-mute.png': 'failed: error',
  });
  expect(run.messages['oom.png']).toMatch(/wanted 13\.42 GiB: .*out of memory/);
  expect(run.messages['error.png']).toMatch(/too much for me/);
  expect(run.messages['error-mute.png']).not.toBe('');
  expect(run.files).toEqual(['no-text.png', 'none.png', 'stages.png', 'untranslated.png']);
  expect(run.launcher.of('page-finished').find(({ page }) => page === 'stages.png')).toMatchObject({
    slot: 'gpu0-0',
    attempt: 1,
    seconds: 0.125,
    stages: { detection: 0.04, ocr: 0.06 },
    peakMemoryBytes: 5_100_000_000,
    notes: ['two balloons are small', '--api-key [redacted]'],
  });
  expect((await ledgerOf(run.place)).get('stages.png')).not.toHaveProperty('notes');
  expect(run.launcher.of('page-stage').map(({ page, stage }) => `${page} ${stage}`)).toEqual([
    'stages.png detection',
    'stages.png ocr',
  ]);
  // Of two pages in a row that fail, the second is tried in a fresh process.
  expect(run.launcher.of('worker-started').length).toBeLessThanOrEqual(3);
  expect(run.code).toBe(1);

  // What is good is good for the next run too, with or without a file.
  const next = await runWarm({ place: run.place, args: ['--retries', '0'] });
  expect(next.counts).toMatchObject({ skipped: 4, untranslated: 1, failed: 7 });
});

test('a page with a broken source is unreadable after one try, whatever the worker says of it', async () => {
  const cut = TINY_PNG.subarray(0, -8);
  const run = await runWarm({
    pages: { '1.png': TINY_PNG, 'error.png': cut, 'crash.png': cut, '2.png': TINY_PNG },
    gpus: 1,
  });
  expect(run.outcomes).toMatchObject({
    '1.png': 'translated',
    'error.png': 'failed: unreadable',
    'crash.png': 'failed: unreadable',
    '2.png': 'translated',
  });
  expect(run.messages['error.png']).toMatch(/^the PNG is truncated: .* \(the translator: .*too much for me/);
  expect(run.launcher.of('page-retried')).toEqual([]);
  expect(run.launcher.of('worker-started')).toHaveLength(2);
});

test('what is no image, or is gone, has its end without a worker', async () => {
  const run = await runWarm({
    pages: { '1.png': Buffer.from('no image'), '2.png': Buffer.alloc(0) },
    gpus: 1,
  });
  expect(run.outcomes).toEqual({ '1.png': 'failed: unreadable', '2.png': 'failed: unreadable' });
  expect(run.launcher.of('worker-started')).toEqual([]);
});

test('an untranslated page is tried again, kept at last, and tried again by the next run', async () => {
  const place = await warmPlace({ pages: pagesTo(4) });
  const first = await runWarm({ place, plan: { '2.png': 'untranslated', '3.png': 'untranslated@1' } });
  expect(first.outcomes).toMatchObject({ '2.png': 'untranslated', '3.png': 'translated' });
  expect(retriesOf(first.launcher).sort()).toEqual(['2.png: error', '2.png: error', '3.png: error']);
  expect(first.counts).toMatchObject({ translated: 3, untranslated: 1, failed: 0 });
  expect(first.files).toEqual(pagesTo(4));
  expect(first.code).toBe(1);
  expect((await ledgerOf(place)).get('2.png')).toMatchObject({ attempt: 3, output: { path: '2.png' } });

  const next = await runWarm({ place });
  expect(next.outcomes).toEqual({ '2.png': 'translated' });
  expect(next.counts).toMatchObject({ translated: 1, skipped: 3, untranslated: 0 });
  expect(next.code).toBe(0);
});

test('a crash: the page goes to another GPU, and the neighbour’s page is unharmed', async () => {
  const place = await warmPlace({ pages: ['1-ask.png', '2-ask.png'] });
  const launcher = startWarm(place);
  const [one, two] = await Promise.all([place.fakes.asking('1-ask.png'), place.fakes.asking('2-ask.png')]);
  one.order('crash');
  await launcher.event('page-retried', ({ page }) => page === '1-ask.png');
  two.order('finish');
  const again = await place.fakes.asking('1-ask.png');
  expect(again.pid).toBe(two.pid);
  again.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(0);
  const slots = slotsOf(launcher);
  expect(new Set(slots['1-ask.png'])).toEqual(new Set(['gpu0-0', 'gpu1-0']));
  expect(slots['2-ask.png']).toHaveLength(1);
  expect(retriesOf(launcher)).toEqual(['1-ask.png: crash']);
});

test('on the only GPU a page that crashes is tried as often as --retries says, others once', async () => {
  const run = await runWarm({
    pages: pagesTo(5),
    gpus: 1,
    plan: { '2.png': 'crash' },
    args: ['--retries', '1'],
  });
  expect(run.outcomes['2.png']).toBe('failed: crash');
  expect(run.begun.filter((page) => page === '2.png')).toHaveLength(2);
  expect(run.counts).toMatchObject({ translated: 4, failed: 1 });
});

test('out of memory beside another worker: again with the card to itself', async () => {
  const place = await warmPlace({ pages: ['1-ask.png', '2-ask.png', '3.png'], gpus: 1 });
  const launcher = startWarm(place, { args: ['-w', '2'] });
  const one = await place.fakes.asking('1-ask.png');
  const two = await place.fakes.asking('2-ask.png');
  one.order('oom');
  await launcher.event('page-retried', ({ page, reason }) => page === '1-ask.png' && reason === 'oom');
  await launcher.event('page-finished', ({ page }) => page === '3.png');
  // The page is not begun while the neighbour is at work.
  two.order('finish');
  (await place.fakes.asking('1-ask.png')).order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(0);
  const ends = launcher.events.flatMap((event) =>
    event.type === 'page-finished' || event.type === 'page-started' ? [`${event.type} ${event.page}`] : [],
  );
  expect(ends.slice(-3)).toEqual([
    'page-finished 2-ask.png',
    'page-started 1-ask.png',
    'page-finished 1-ask.png',
  ]);
  // It was told of by a worker that lives: nothing was loaded again.
  expect(launcher.of('worker-started')).toHaveLength(2);
});

test('a page sent ahead counts as work beside one that wants the card to itself', async () => {
  const pages = ['1-ask.png', ...pagesTo(20)];
  const env = { FAKE_PAGE_SECONDS: '0.005' };
  const place = await warmPlace({ pages, gpus: 1 });
  const launcher = startWarm(place, { args: ['-w', '2', '--retries', '2'], env, plan: { '3.png': 'oom@1' } });
  (await place.fakes.asking('1-ask.png')).order('oom');
  (await place.fakes.asking('1-ask.png')).order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.counts).toMatchObject({ translated: 21, failed: 0 });
  expect(retriesOf(launcher)).toHaveLength(2);
});

test('out of memory alone on a card: on the largest other card, then failed with the size', async () => {
  const run = await runWarm({
    pages: ['oom.png'],
    memories: [8, 24, 16, 24],
    args: ['--gpus', '0,2,1', '--retries', '5'],
  });
  const slots = slotsOf(run.launcher)['oom.png'] ?? [];
  const [first = ''] = slots;
  expect(slots).toEqual([first, first === 'gpu1-0' ? 'gpu2-0' : 'gpu1-0']);
  expect(run.outcomes).toEqual({ 'oom.png': 'failed: oom' });
  expect(run.messages['oom.png']).toMatch(/wanted 13\.42 GiB/);
});

test('a page that takes too long costs its worker, which is started again; the neighbour works on', async () => {
  const place = await warmPlace({ pages: ['1-ask.png', '2-hang.png', ...pagesTo(3)] });
  const args = ['--page-timeout', '700ms', '--retries', '0'];
  const plan = { '1-ask.png': { fault: 'slow', seconds: 0.2 } };
  const run = await checkAccounts(place, startWarm(place, { args, plan }));
  expect(run.outcomes['2-hang.png']).toBe('failed: timeout');
  expect(run.messages['2-hang.png']).toMatch(/no response for 0\.7 s/);
  expect(run.counts).toMatchObject({ translated: 4, failed: 1 });
  expect(run.launcher.of('worker-exited').map(({ signal }) => signal ?? '')).toContain('SIGTERM');
});
