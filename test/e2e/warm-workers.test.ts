import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import type { Launcher } from './rig.ts';
import { pagesTo, retriesOf, runWarm, slotsOf, startWarm, warmPlace } from './warm.ts';

const exits = (launcher: Launcher) =>
  launcher.of('worker-exited').map(({ exitCode, pages }) => ({ exitCode, pages }));

test('--max-pages-per-worker renews a worker between pages', async () => {
  const run = await runWarm({ pages: pagesTo(5), gpus: 1, args: ['--max-pages-per-worker', '2'] });
  expect(run.counts.translated).toBe(5);
  expect(exits(run.launcher)).toEqual([2, 2, 1].map((pages) => ({ exitCode: 0, pages })));
  expect(run.launcher.of('run-finished')[0]?.gpus).toMatchObject([{ pages: 5, loads: 3 }]);
});

test('--max-worker-memory renews a worker that is past it between pages, and no other', async () => {
  const place = await warmPlace({ pages: pagesTo(3), gpus: 1 });
  const large = await runWarm({ place, args: ['--max-worker-memory', '8GB'] });
  expect(exits(large.launcher)).toEqual([{ exitCode: 0, pages: 3 }]);
  const small = await runWarm({ place, args: ['--overwrite', 'all', '--max-worker-memory', '1MB'] });
  expect(small.counts.translated).toBe(3);
  expect(exits(small.launcher)).toEqual([1, 1, 1].map((pages) => ({ exitCode: 0, pages })));
});

test('never more workers than pages', async () => {
  const run = await runWarm({ pages: pagesTo(2), gpus: 4, args: ['-w', '2'] });
  expect(run.counts.translated).toBe(2);
  expect(run.launcher.of('worker-started').length).toBeLessThanOrEqual(2);
});

test('the first worker is at work before all pages are found', async () => {
  const place = await warmPlace({ pages: ['a.png', 'b/2.png', 'c.png'], gpus: 1 });
  await runWarm({ place });
  // A page whose time is another one is read through before it is known to be done: this one is long to read.
  const big = place.path('input/b/2.png');
  const ledger = place.path('input-translated/.mgpu/ledger.ndjson');
  const bytes = 6 * 1024 ** 3;
  await truncate(big, bytes);
  await utimes(big, 1, 1);
  const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
  const other = lines.map((line) => {
    const parsed = JSON.parse(line);
    return parsed.page === 'b/2.png' ? { ...parsed, source: { ...parsed.source, bytes } } : parsed;
  });
  await writeFile(ledger, `${other.map((line) => JSON.stringify(line)).join('\n')}\n`);
  await place.write('input/a0.png', await readFile(place.path('input/a.png')));
  const launcher = startWarm(place);
  await launcher.event('page-finished', ({ page }) => page === 'a0.png');
  expect(launcher.of('pages-found')).toEqual([]);
  launcher.kill('SIGKILL');
  await launcher.exit;
});

test('pages go in natural order and the last longest first; --order largest takes the longest first', async () => {
  // The later the taller, but for the last.
  const pages = Object.fromEntries(pagesTo(14).map((id, n) => [id, png(8, n === 13 ? 8 : 20 + 10 * n, n)]));
  const env = { FAKE_PAGE_SECONDS: '0.03', FAKE_NS_PER_PIXEL: '50000' };
  const natural = await runWarm({ pages, gpus: 1, env });
  expect(natural.begun.slice(0, 6)).toEqual(pagesTo(6));
  expect(natural.begun.slice(6)).toEqual(
    ['13', '12', '11', '10', '9', '8', '7', '14'].map((page) => `${page}.png`),
  );
  const largest = await runWarm({ pages, gpus: 1, env, args: ['--order', 'largest'] });
  // What is sent out before sizes are known may be anything.
  const known = largest.begun.slice(3).map((page) => Number.parseInt(page, 10) % 14);
  expect(known).toEqual(known.toSorted((a, b) => b - a));
});

test('--group folder keeps a folder on one worker, in order', async () => {
  const folders = ['a', 'b', 'c', 'd', 'e'];
  const pages = folders.flatMap((folder) => pagesTo(4).map((page) => `${folder}/${page}`));
  const env = { FAKE_PAGE_SECONDS: '0.005' };
  const run = await runWarm({ pages, env, args: ['--group', 'folder'] });
  expect(run.counts.translated).toBe(20);
  const slots = slotsOf(run.launcher);
  expect(new Set(Object.values(slots).flat())).toEqual(new Set(['gpu0-0', 'gpu1-0']));
  for (const folder of folders) {
    const own = pages.filter((page) => page.startsWith(folder));
    expect(new Set(own.flatMap((page) => slots[page] ?? [])).size, folder).toBe(1);
    expect(run.begun.filter((page) => page.startsWith(folder))).toEqual(own);
  }
});

test('a page is sent ahead, but not near the end', async () => {
  // A worker that answers the next page first can do so only where it has it.
  const args = ['--page-timeout', '700ms', '--retries', '0'];
  const run = await runWarm({
    pages: pagesTo(12),
    gpus: 1,
    args,
    plan: { '2.png': 'ahead', '11.png': 'ahead' },
    env: { FAKE_PAGE_SECONDS: '0.01' },
  });
  expect(run.messages['2.png']).toMatch(/"3\.png", which is not the page at work/);
  expect(run.messages['11.png']).toMatch(/no response for 0\.7 s/);
  expect(run.counts).toMatchObject({ translated: 10, failed: 2 });
});

test('a page that was sent ahead to a worker that dies is not charged', async () => {
  const plan = { '2.png': 'crash' };
  // Time enough for the next page to be sent.
  const env = { FAKE_PAGE_SECONDS: '0.03' };
  const run = await runWarm({ pages: pagesTo(12), gpus: 1, args: ['--retries', '0'], plan, env });
  expect(run.counts).toMatchObject({ translated: 11, failed: 1 });
  expect(retriesOf(run.launcher)).toEqual([]);
  expect(slotsOf(run.launcher)['3.png']).toHaveLength(1);
  expect(run.begun.slice(0, 3)).toEqual(['1.png', '2.png', '3.png']);
});

test('a few pages at the beginning that kill every worker are not the end of the others', async () => {
  const bad = ['01-crash.png', '02-crash.png', '03-crash.png', '04-crash.png'];
  const run = await runWarm({
    pages: [...bad, ...pagesTo(12).map((name) => `1${name}`)],
    args: ['--retries', '0'],
  });
  expect(run.code).toBe(1);
  expect(run.counts).toMatchObject({ translated: 12, failed: 4, left: 0 });
});
