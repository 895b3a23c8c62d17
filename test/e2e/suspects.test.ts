import { expect, test } from 'vitest';
import { runToEnd } from './accounts.ts';

const PAGES = Array.from({ length: 9 }, (_, n) => `ch${1 + Math.floor(n / 3)}/${n + 1}.png`);
const BAD = 'ch2/5.png';

/** Every two of order, silence and fault meet; dispatch/one-shot-policy.test.ts has every translator's habits with every trouble. */
test.each([
  ['natural', '', 'crash'],
  ['natural', '1', 'oom0'],
  ['natural', '1', 'forget'],
  ['reverse', '1', 'crash'],
  ['reverse', '', 'oom0'],
  ['reverse', '', 'forget'],
  ['shuffled', '', 'exit0'],
  ['shuffled', '1', 'exit0'],
])('one bad page costs one page: order %s, silent %j, %s', async (order, silent, fault) => {
  const env = { FAKE_ORDER: order, FAKE_SILENT: silent };
  const plan = { [BAD]: fault };
  const run = await runToEnd({ pages: PAGES, gpus: 1, env, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 8, failed: 1 });
  expect(run.outcomes[BAD]).toMatch(/^failed: /);
});

test.each([
  ['crash', ''],
  ['exit0', '1'],
  ['oom0', ''],
  ['forget', '1'],
  ['cut', ''],
])('two bad pages side by side cost two pages: %s, silent %j, --retries 0', async (fault, silent) => {
  const plan = { 'ch2/5.png': fault, 'ch2/6.png': fault };
  const env = { FAKE_SILENT: silent };
  const run = await runToEnd({ pages: PAGES, gpus: 1, env, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 7, failed: 2 });
});

test('two bad first pages of a silent translator on the only GPU are no proof that nothing works', async () => {
  const plan = { 'ch1/1.png': 'exit1', 'ch1/2.png': 'exit1' };
  const env = { FAKE_SILENT: '1' };
  const run = await runToEnd({ pages: PAGES, gpus: 1, env, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 7, failed: 2, left: 0 });
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('bad pages at both ends and different faults cost what they must', async () => {
  const plan = { 'ch1/1.png': 'exit0', 'ch1/2.png': 'forget', 'ch3/8.png': 'cut', 'ch3/9.png': 'crash' };
  const run = await runToEnd({ pages: PAGES, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 5, failed: 4 });
  expect(run.outcomes).toMatchObject({
    'ch1/1.png': 'failed: no-output',
    'ch1/2.png': 'failed: no-output',
    'ch3/8.png': 'failed: bad-output',
    'ch3/9.png': 'failed: crash',
  });
});

test('clean pages go before suspects, and no page is translated twice', async () => {
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan: { [BAD]: 'exit1' }, args: ['--retries', '1'] });
  const rest = PAGES.filter((page) => page !== BAD);
  expect(run.begun).toEqual([...PAGES.slice(0, 5), ...PAGES.slice(5), BAD, BAD]);
  expect(run.place.fakes.of('end').map(({ page }) => page)).toEqual(rest);
  // The batch, what it left, and the suspect's own two tries.
  expect(run.launcher.of('worker-started')).toHaveLength(4);
});

test('two workers on one GPU: a bad page of each', async () => {
  const plan = { 'ch1/2.png': 'crash', 'ch3/7.png': 'exit0' };
  const run = await runToEnd({ pages: PAGES, gpus: 1, plan, args: ['-w', '2', '--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 7, failed: 2 });
});

test('pages of equal stems never share a child', async () => {
  const pages = ['a.png', 'a.webp', 'a.jpg', 'b.png'];
  const run = await runToEnd({ pages, gpus: 1 });
  expect(run.counts.translated).toBe(4);
  expect(run.files).toEqual([...pages].sort());
  const children = run.place.fakes.of('begin').filter(({ page }) => page?.startsWith('a.'));
  expect(new Set(children.map(({ pid }) => pid)).size).toBe(3);
});
