import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { childrenOf, eventually, gone, interruptAgain, stopping } from './process.ts';
import { pagesTo, startWarm, warmPlace } from './warm.ts';

const PAGES = pagesTo(12);

test.each([
  ['SIGINT', 130],
  ['SIGUSR1', 138],
] as const)(
  '%s: the page in flight is finished, the held one is left, the worker ends by itself, exit %i',
  async (signal, code) => {
    const place = await warmPlace({ pages: PAGES, gpus: 1 });
    const launcher = startWarm(place, { plan: { '1.png': 'ask' } });
    const asking = await place.fakes.asking('1.png');
    launcher.kill(signal);
    await stopping(launcher);
    asking.order('finish');
    const run = await checkAccounts(place, launcher);
    expect(run.code).toBe(code);
    expect(run.outcomes).toEqual({ '1.png': 'translated' });
    expect(run.counts.left).toBe(11);
    expect(run.files).toEqual(['1.png']);
    expect(launcher.of('page-started')).toHaveLength(1);
    expect(launcher.of('worker-exited')).toMatchObject([{ exitCode: 0, signal: null, pages: 1 }]);
    expect(place.fakes.of('unload')).toHaveLength(1);
    if (signal !== 'SIGINT') return;

    const next = await checkAccounts(place, startWarm(place));
    expect(next.code).toBe(0);
    expect(next.counts).toMatchObject({ translated: 11, skipped: 1, left: 0 });
  },
);

test('a short page that was sent ahead is finished as well', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  const launcher = startWarm(place, { plan: { '2.png': 'ask-ahead' } });
  const asking = await place.fakes.asking('2.png');
  launcher.kill('SIGINT');
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.outcomes).toEqual({ '1.png': 'translated', '2.png': 'translated', '3.png': 'translated' });
  expect(launcher.of('worker-exited')).toMatchObject([{ exitCode: 0, signal: null, pages: 3 }]);
});

test('one that was sent ahead and takes long is left after the grace time', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  const launcher = startWarm(place, { plan: { '2.png': 'ask-ahead', '3.png': 'hang' } });
  const asking = await place.fakes.asking('2.png');
  launcher.kill('SIGINT');
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.outcomes).toEqual({ '1.png': 'translated', '2.png': 'translated' });
  expect(run.counts).toMatchObject({ failed: 0, left: 10 });
  expect(launcher.of('worker-exited')).toMatchObject([{ signal: 'SIGTERM', pages: 2 }]);
});

test('a batch system that signals the workers as well: no page is blamed', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  const launcher = startWarm(place, { plan: { '2.png': 'ask' }, args: ['--retries', '0'] });
  const asking = await place.fakes.asking('2.png');
  launcher.kill('SIGUSR1');
  await stopping(launcher);
  process.kill(asking.pid, 'SIGUSR1');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(138);
  expect(run.counts).toMatchObject({ translated: 1, failed: 0, left: 11 });
});

test('workers that still load are ended at once', async () => {
  const place = await warmPlace({ pages: PAGES });
  const launcher = startWarm(place, { env: { FAKE_LOAD_SECONDS: '3600' } });
  await eventually(() => expect(place.fakes.of('start')).toHaveLength(2));
  launcher.kill('SIGINT');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ failed: 0, left: 12 });
  expect(launcher.of('page-started')).toEqual([]);
});

test('an idle worker ends while another one finishes its page', async () => {
  const place = await warmPlace({ pages: ['1-ask.png', '2.png'] });
  const launcher = startWarm(place);
  const asking = await place.fakes.asking('1-ask.png');
  await launcher.event('page-finished', ({ page }) => page === '2.png');
  launcher.kill('SIGINT');
  await launcher.event('worker-exited', ({ exitCode }) => exitCode === 0);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.counts).toMatchObject({ translated: 2, left: 0 });
});

test('a second SIGINT kills at once, and no attempt is counted', async () => {
  const place = await warmPlace({ pages: PAGES });
  const launcher = startWarm(place, { plan: { '1.png': 'deaf', '2.png': 'hang' } });
  await eventually(() => expect(launcher.of('page-started')).toHaveLength(2));
  launcher.kill('SIGINT');
  await stopping(launcher);
  await interruptAgain(launcher);
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ failed: 0, left: 12 });
  expect(launcher.of('page-retried')).toEqual([]);
});

test('a second SIGINT does not wait for a worker that takes long to unload', async () => {
  const place = await warmPlace({ pages: ['1.png', '2.png'], gpus: 1 });
  const launcher = startWarm(place, { plan: { '1.png': 'ask' }, env: { FAKE_IGNORES_END: '1' } });
  const asking = await place.fakes.asking('1.png');
  launcher.kill('SIGINT');
  await stopping(launcher);
  asking.order('finish');
  await eventually(() => expect(place.fakes.of('unload')).toHaveLength(1));
  await interruptAgain(launcher);
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.outcomes).toEqual({ '1.png': 'translated' });
  expect(run.counts).toMatchObject({ failed: 0, left: 1 });
  // SIGTERM would be the end of its grace.
  expect(launcher.of('worker-exited')).toMatchObject([{ signal: 'SIGKILL', pages: 1 }]);
});

test('two SIGINTs end the last wait, for a worker that unloads after the last page', async () => {
  const place = await warmPlace({ pages: ['1.png'], gpus: 1 });
  const launcher = startWarm(place, { env: { FAKE_IGNORES_END: '1' } });
  await eventually(() => expect(place.fakes.of('unload')).toHaveLength(1));
  launcher.kill('SIGINT');
  await stopping(launcher);
  await interruptAgain(launcher);
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ translated: 1, left: 0 });
  expect(launcher.of('worker-exited')).toMatchObject([{ signal: 'SIGKILL', pages: 1 }]);
});

test('a page that fails while the run drains is not tried again', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  const launcher = startWarm(place, { plan: { '1.png': 'ask' } });
  const asking = await place.fakes.asking('1.png');
  launcher.kill('SIGINT');
  await stopping(launcher);
  asking.order('crash');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 12 });
  expect(launcher.of('worker-started')).toHaveLength(1);
});

test('no process outlives a launcher that gets SIGKILL, and the next run goes on', async () => {
  const place = await warmPlace({ pages: PAGES });
  const launcher = startWarm(place, { plan: { '1.png': 'deaf', '2.png': 'ask', '[3-9].png': 'hang' } });
  (await place.fakes.asking('2.png')).order('finish');
  await launcher.event('page-finished', ({ page }) => page === '2.png');
  await eventually(() => expect(launcher.of('page-started')).toHaveLength(3));
  const started = await childrenOf(launcher.pid);
  expect(started.length).toBeGreaterThanOrEqual(3);
  launcher.kill('SIGKILL');
  expect(await launcher.exit).toBe('SIGKILL');
  await Promise.all([...started, ...place.fakes.all.map(({ pid }) => pid)].map(gone));

  const next = await checkAccounts(place, startWarm(place));
  expect(next.code).toBe(0);
  expect(next.counts).toMatchObject({ translated: 11, skipped: 1, left: 0 });
  expect(next.files).toEqual(PAGES.toSorted());
});

const TELLTALE = `import json, os, sys
key, args = os.environ["OPENAI_API_KEY"], " ".join(sys.argv[1:])
sys.stderr.write("key %s args %s\\n" % (key, args))
print("noise %s %s" % (key, args))
print(json.dumps(dict(type="ready", protocol=1, translator="t", version="1", device="cpu", loadSeconds=0)), flush=True)
for line in sys.stdin:
    page = json.loads(line)["id"]
    print(json.dumps(dict(type="failed", id=page, reason="error", message="401 for %s %s" % (key, args))), flush=True)
`;

test('secrets of the environment and of the arguments stand in no log, event, ledger or line', async () => {
  const place = await warmPlace({ pages: ['1.png'], gpus: 1 });
  await place.write('telltale.py', TELLTALE);
  const secrets = ['sk-environment-1234567', 'sk-argument-7654321'];
  const [inEnv = '', inArgs = ''] = secrets;
  const launcher = place.start({
    args: ['-t', 'worker:telltale.py', '--log-level', 'debug', '--', '--api-key', inArgs],
    env: { OPENAI_API_KEY: inEnv },
  });
  const run = await checkAccounts(place, launcher);
  expect(run.messages['1.png']).toMatch(/^401 for \[redacted\]/);
  const state = place.path('input-translated/.mgpu');
  const names = await readdir(state, { recursive: true, withFileTypes: true });
  const files = names.filter((name) => name.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  expect(files.map((file) => file.replace(/.*\//, '')).sort()).toEqual([
    'events.ndjson',
    'gpu0-0.log',
    'ledger.ndjson',
  ]);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const all = [...texts, launcher.stderr, JSON.stringify(launcher.events), ...launcher.text].join('\n');
  expect(all).toMatch(/key \[redacted\] args/);
  for (const secret of secrets) expect(all).not.toContain(secret);
});
