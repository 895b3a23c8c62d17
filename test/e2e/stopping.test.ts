import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import type { Asking } from './fake-events.ts';
import {
  CLI_WORDS,
  childrenOf,
  eventually,
  gone,
  insist,
  interruptAgain,
  parentOf,
  stopping,
  Terminal,
} from './process.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', '2.png', '3.png', '4.png'];
const outputs = async (place: Place): Promise<string[]> =>
  (await readdir(place.path('input-translated'))).filter((name) => name !== '.mgpu').sort();

test.each([
  ['SIGINT', 130],
  ['SIGUSR2', 140],
  ['SIGXCPU', 152],
  // Below: SIGTERM, SIGUSR1.
] as const)('%s: the page in flight is finished, no other is begun, exit %i', async (signal, code) => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '2.png': 'ask-half', '3.png': 'hang' } });
  const asking = await place.fakes.asking('2.png');
  launcher.kill(signal);
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(code);
  expect(run.counts).toMatchObject({ translated: 2, failed: 0, left: 2 });
  expect(run.files).toEqual(['1.png', '2.png']);
  expect(place.fakes.of('start')).toHaveLength(1);
  expect(launcher.stderr).toBe('');
  if (signal !== 'SIGINT') return;

  const next = await checkAccounts(place, place.start());
  expect(next.counts).toMatchObject({ translated: 2, skipped: 2, left: 0 });
});

test('workers that still load are ended at once', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 2 });
  const launcher = place.start({ env: { FAKE_LOAD_SECONDS: '3600' } });
  await eventually(() => expect(place.fakes.of('start')).toHaveLength(2));
  launcher.kill('SIGINT');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ failed: 0, left: 4 });
});

test.each<[NodeJS.Signals, NodeJS.Signals, number]>([
  ['SIGINT', 'SIGINT', 130],
  ['SIGUSR1', 'SIGTERM', 143],
])('after %s a %s kills at once, and no attempt is counted', async (first, second, code) => {
  const place = await Place.make({ pages: PAGES, gpus: 2 });
  const launcher = place.start({ plan: { '1.png': 'deaf', '2.png': 'hang', '3.png': 'hang' } });
  await launcher.event('page-started', ({ page }) => page === '1.png');
  await eventually(() => expect(launcher.of('page-started')).toHaveLength(2));
  launcher.kill(first);
  await stopping(launcher);
  await interruptAgain(launcher, second);
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(code);
  expect(run.counts).toMatchObject({ failed: 0, left: 4 });
  expect(launcher.of('page-retried')).toEqual([]);
});

test('a batch system that signals every process of the job: no page is blamed', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '2.png': 'ask' }, args: ['--retries', '0'] });
  const asking = await place.fakes.asking('2.png');
  launcher.kill('SIGUSR1');
  await stopping(launcher);
  process.kill(asking.pid, 'SIGUSR1');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(138);
  expect(run.counts).toMatchObject({ translated: 1, failed: 0, left: 3 });
  expect(launcher.of('page-retried')).toEqual([]);
});

test('a drained worker that ignores SIGTERM is killed', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '1.png': 'ask', '2.png': 'deaf' } });
  const asking = await place.fakes.asking('1.png');
  launcher.kill('SIGTERM');
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(143);
  expect(run.files).toEqual(['1.png']);
  expect(launcher.of('worker-exited')).toMatchObject([{ signal: 'SIGKILL' }]);
});

test('--max-time ends the run with pages left: exit 4', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const plan = { '2.png': 'ask', '3.png': 'hang' };
  const launcher = place.start({ plan, args: ['--max-time', '4s'] });
  const asking = await place.fakes.asking('2.png');
  await stopping(launcher);
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(4);
  expect(run.counts).toMatchObject({ failed: 0, translated: 2, left: 2 });

  const inTime = await checkAccounts(place, place.start({ args: ['--max-time', '1h'] }));
  expect(inTime.code).toBe(0);
});

test('no process outlives a launcher that gets SIGKILL', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 2 });
  const launcher = place.start({ plan: { '1.png': 'grandchild', '2.png': 'deaf', '3.png': 'ask' } });
  await launcher.event('page-started', ({ page }) => page === '2.png');
  await place.fakes.asking('3.png');
  const started = await childrenOf(launcher.pid);
  launcher.kill('SIGKILL');
  expect(await launcher.exit).toBe('SIGKILL');
  const all = place.fakes.all.flatMap(({ pid, child }) => [pid, child ?? pid]);
  expect(new Set([...started, ...all]).size).toBeGreaterThanOrEqual(4);
  await Promise.all([...started, ...all].map(gone));
});

test('what a worker leaves in its group ends with it', async () => {
  const place = await Place.make({ pages: ['1.png'], gpus: 1 });
  expect(await place.start({ plan: { '1.png': 'grandchild' } }).exit).toBe(0);
  const [left] = place.fakes.of('grandchild');
  await gone(left?.child ?? 0);
});

test('neither the end of its guard nor a hangup without a terminal ends a run', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '2.png': 'ask' } });
  const asking = await place.fakes.asking('2.png');
  const children = await childrenOf(launcher.pid);
  const guard = children.find((pid) => pid !== asking.pid) ?? 0;
  expect(await readFile(`/proc/${guard}/cmdline`, 'utf8')).toContain('/bin/sh');
  process.kill(guard, 'SIGKILL');
  await gone(guard);
  launcher.kill('SIGHUP');
  asking.order('finish');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(0);
  expect(run.counts.translated).toBe(4);
});

test('a guard that gets the signals of its whole job still ends the workers of a launcher that is killed', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const launcher = place.start({ plan: { '2.png': 'ask' } });
  const asking = await place.fakes.asking('2.png');
  const guard = (await childrenOf(launcher.pid)).find((pid) => pid !== asking.pid) ?? 0;
  for (const signal of ['SIGTERM', 'SIGUSR1', 'SIGXCPU'] as const) process.kill(guard, signal);
  launcher.kill('SIGKILL');
  await Promise.all([guard, asking.pid].map(gone));
});

test('a terminal that hangs up lets the page in flight finish', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const plan = JSON.stringify({ '2.png': 'ask', '3.png': 'hang' });
  const terminal = new Terminal(place, { command: [...CLI_WORDS, 'run', 'input'], env: { FAKE_PLAN: plan } });
  const asking = await place.fakes.asking('2.png');
  await terminal.shows('2.png');
  terminal.hangUp();
  await terminal.shows('[closed]');
  asking.order('finish');
  expect(await terminal.exit).toBe(129);
  expect(await outputs(place)).toEqual(['1.png', '2.png']);
  await gone(asking.pid);
});

test('under nohup a terminal that hangs up changes nothing', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const terminal = new Terminal(place, {
    command: ['nohup', ...CLI_WORDS, 'run', 'input'],
    env: { FAKE_PLAN: '{"2.png":"ask"}' },
  });
  const asking = await place.fakes.asking('2.png');
  terminal.hangUp();
  await terminal.shows('[closed]');
  asking.order('finish');
  expect(await terminal.exit).toBe(0);
  expect(await outputs(place)).toEqual(PAGES);
  expect(await readFile(place.path('nohup.out'), 'utf8')).toContain('4 translated');
});

test('one Ctrl-C in an npm script, which npm passes on as well, is no second one', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const translate = CLI_WORDS.map((word) => `'${word}'`).join(' ');
  await place.write('package.json', JSON.stringify({ scripts: { translate: `${translate} run input` } }));
  // bash gives its place to the command: what npm sends to its shell reaches the launcher.
  const terminal = new Terminal(place, {
    command: ['npm', 'run', 'translate'],
    env: {
      FAKE_PLAN: '{"2.png":"ask","3.png":"hang"}',
      npm_config_update_notifier: 'false',
      npm_config_script_shell: 'bash',
    },
  });
  const asking = await place.fakes.asking('2.png');
  terminal.type('\x03');
  await terminal.shows('Stopping after');
  asking.order('finish');
  await terminal.exit;
  expect(terminal.screen).toContain('2 translated');
  expect(await outputs(place)).toEqual(['1.png', '2.png']);
});

type Stop = (terminal: Terminal, asking: Asking) => Promise<void>;

test.each<[string, Stop]>([
  [
    'Ctrl-C',
    async (terminal, asking) => {
      terminal.type('\x03');
      await terminal.shows('Stopping after');
      asking.order('finish');
    },
  ],
  [
    'Ctrl-C twice',
    async (terminal) => {
      terminal.type('\x03');
      await terminal.shows('Stopping after');
      await insist({
        send: () => terminal.type('\x03'),
        shows: () => terminal.screen.includes('exit codes'),
      });
    },
  ],
  ['SIGKILL', async (_, asking) => void process.kill(await parentOf(asking.pid), 'SIGKILL')],
])('the terminal is left as it was: %s', async (_, stop) => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const words = CLI_WORDS.map((word) => `'${word}'`).join(' ');
  const terminal = new Terminal(place, {
    command: ['sh', '-c', `trap : INT; echo "<$(stty -g)>"; ${words} run input; echo "<$(stty -g)>"`],
    env: { FAKE_PLAN: '{"2.png":"ask","3.png":"hang"}' },
  });
  const asking = await place.fakes.asking('2.png');
  await terminal.shows('2.png');
  await stop(terminal, asking);
  await terminal.exit;
  const [before, after] = [...terminal.screen.matchAll(/<([\da-f:]+)>/g)].map(([, state]) => state);
  expect(after).toBe(before);
  expect(before).toMatch(/:/);
  expect(terminal.screen).not.toContain('\x1b[?25l');
  expect(terminal.screen).not.toContain('\x1b[?1049h');
  expect(terminal.screen.lastIndexOf('\x1b[?7h')).toBeGreaterThan(terminal.screen.lastIndexOf('\x1b[?7l'));
  await gone(asking.pid);
});
