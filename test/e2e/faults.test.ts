import { expect, test } from 'vitest';
import { TINY_PNG } from '../fixtures/trouble.ts';
import { runToEnd } from './accounts.ts';

const PAGES = ['1.png', '2.png', '3.png', '4.png', '5.png'];
const others = { '1.png': 'translated', '2.png': 'translated', '4.png': 'translated', '5.png': 'translated' };

const FAULTS = [
  ['crash', 'failed: crash', /SIGSEGV/],
  ['killed', 'failed: crash', /SIGKILL/],
  ['exit0', 'failed: no-output', /exit code 0/],
  ['exit1', 'failed: error', /ValueError: this page is too much for me/],
  ['oom', 'failed: oom', /13\.42 GiB/],
  ['oom0', 'failed: oom', /13\.42 GiB/],
  ['forget', 'failed: no-output', /exit code 0/],
  ['no-output', 'failed: no-output', /Failed to open image/],
  ['cut', 'failed: bad-output', /./],
  ['cut-exit0', 'failed: bad-output', /./],
  ['empty', 'failed: bad-output', /empty/],
] as const;

test('each fault costs its page, and no other', async () => {
  const pages = FAULTS.flatMap(([fault], at) => [`${10 + at}.png`, `${10 + at}-${fault}.png`]);
  const run = await runToEnd({ pages, gpus: 1, args: ['--retries', '1'] });
  const good = pages.filter((page) => /^\d+\.png$/.test(page));
  expect(run.outcomes).toEqual({
    ...Object.fromEntries(good.map((page) => [page, 'translated'])),
    ...Object.fromEntries(FAULTS.map(([fault, outcome], at) => [`${10 + at}-${fault}.png`, outcome])),
  });
  for (const [at, [fault, , message]] of FAULTS.entries())
    expect(run.messages[`${10 + at}-${fault}.png`]).toMatch(message);
  expect(run.files).toEqual(good);
  expect(run.code).toBe(1);
});

test('a page that hangs is given up after --page-timeout, also where the child is deaf to SIGTERM', async () => {
  const args = ['--page-timeout', '600ms', '--retries', '0'];
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan: { '3.png': 'hang' }, args });
  expect(run.outcomes).toEqual({ ...others, '3.png': 'failed: timeout' });
  const deaf = await runToEnd({ pages: ['deaf.png'], gpus: 1, args });
  expect(deaf.outcomes).toEqual({ 'deaf.png': 'failed: timeout' });
  expect(deaf.launcher.of('worker-exited')).toMatchObject([{ signal: 'SIGKILL' }]);
});

test('a child that never comes to a page is given up after --start-timeout', async () => {
  const args = ['--start-timeout', '300ms', '--page-timeout', '0', '--retries', '0'];
  const run = await runToEnd({ gpus: 1, env: { FAKE_LOAD_SECONDS: '60' }, args });
  expect(run.outcomes).toEqual({ '1.png': 'failed: timeout' });
  expect(run.messages['1.png']).toMatch(/within 0\.3 s/);
});

test('a slow page is given its time: --page-timeout counts from the last sign of life', async () => {
  const env = { FAKE_PAGE_SECONDS: '0.4' };
  const run = await runToEnd({ pages: PAGES, gpus: 1, env, args: ['--page-timeout', '1500ms'] });
  expect(run.counts.translated).toBe(5);
  expect(run.begun).toEqual(PAGES);
});

test('an output under another suffix is the page’s; one of another stem is a file beside', async () => {
  const plan = { '2.png': 'misname', '4.png': 'misname-stem' };
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan, beside: ['final.png'] });
  expect(run.outcomes).toEqual({
    ...others,
    '3.png': 'translated',
    '4.png': 'failed: no-output',
  });
  expect(run.launcher.of('page-finished').find(({ page }) => page === '2.png')).toMatchObject({
    output: '2.webp',
  });
  expect(run.files).toEqual(['1.png', '2.webp', '3.png', '5.png', 'final.png']);
});

test('files beside the outputs move along, never over a page', async () => {
  const beside = ['2-sidecar.json', '2-sidecar.txt'];
  // `final.png` is what the first page is written as, on another slot than the page of that name.
  const pages = ['1-misname-stem.png', '2-sidecar.png', '3.png', 'final.png'];
  const run = await runToEnd({ pages, beside });
  expect(run.outcomes).toEqual({
    '1-misname-stem.png': 'failed: no-output',
    '2-sidecar.png': 'translated',
    '3.png': 'translated',
    'final.png': 'translated',
  });
  expect(run.files).toEqual([...beside, '2-sidecar.png', '3.png', 'final.png'].sort());
});

test('a page written only after the next one was begun is no failure', async () => {
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan: { '2.png': 'late', '3.png': 'late' } });
  expect(run.counts).toMatchObject({ translated: 5, failed: 0 });
  expect(run.begun).toEqual(PAGES);
});

test('a fault that happens once is a retry and no failure', async () => {
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan: { '3.png': 'exit1@2' } });
  expect(run.counts).toMatchObject({ translated: 5, failed: 0 });
  // The first time it was a suspect, the second time it ran alone.
  expect(run.launcher.of('page-retried')).toMatchObject([{ page: '3.png', attempt: 1, reason: 'error' }]);
  expect(run.code).toBe(0);
});

test('a page with a broken source is unreadable after one try, and costs its batch one more child', async () => {
  const pages = Object.fromEntries(PAGES.map((page) => [page, TINY_PNG]));
  const run = await runToEnd({
    pages: { ...pages, '3.png': TINY_PNG.subarray(0, -8) },
    gpus: 1,
    plan: { '3.png': 'exit1' },
  });
  expect(run.counts).toMatchObject({ translated: 4, failed: 1 });
  expect(run.outcomes['3.png']).toBe('failed: unreadable');
  expect(run.messages['3.png']).toMatch(/^the PNG is truncated: .* \(the translator: /);
  expect(run.launcher.of('page-retried')).toEqual([]);
  expect(run.launcher.of('worker-started')).toHaveLength(2);
});

test('--on-failed copy lets the originals of failed pages stand in', async () => {
  const run = await runToEnd({
    pages: { '1.png': Buffer.from('no image'), 'crash.png': TINY_PNG },
    gpus: 1,
    args: ['--on-failed', 'copy'],
    beside: ['1.png', 'crash.png'],
  });
  expect(run.outcomes).toEqual({ '1.png': 'failed: unreadable', 'crash.png': 'failed: crash' });
  expect(run.files).toEqual(['1.png', 'crash.png']);
  expect(run.launcher.of('page-finished')).toMatchObject([
    { originalInPlace: true },
    { originalInPlace: true },
  ]);
});
