import { expect, test } from 'vitest';
import { checkAccounts, type FinishedRun, runToEnd } from './accounts.ts';
import { badOnes, numbered, starts } from './blame.ts';
import { stopping } from './process.ts';
import { Place } from './rig.ts';
import { retriesOf, runWarm, startWarm, warmPlace } from './warm.ts';

const BUSY_LONG = { fault: 'busy', seconds: 600 };
const REFUSED = { FAKE_SERVICE_DOWN: '3600' };

/** Times of requests that were refused, in seconds, from the one on that was some slot's first and the last of these. */
function refusalsAfterFirst({ place }: FinishedRun): number[] {
  const asked = place.fakes.of('begin').filter(({ fault }) => fault === 'service-down');
  const first = new Map(asked.toReversed().map(({ pid, time }) => [pid, time]));
  const later = asked.flatMap(({ pid, time }) => (first.get(pid) === time ? [] : [time]));
  return [Math.max(...first.values()), ...later].toSorted((a, b) => a - b);
}

const gapsOf = (times: readonly number[]): number[] =>
  times.slice(1).map((time, at) => time - (times[at] ?? 0));

/** A run whose service is down for six seconds, as it has to end. */
function checkWaited(run: FinishedRun): void {
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 30, failed: 0, left: 0 });
  expect(run.code).toBe(0);
  expect(retriesOf(run.launcher).every((retry) => retry.endsWith(': busy'))).toBe(true);
  const waits = run.launcher.of('service-waiting');
  expect(waits.length).toBeGreaterThanOrEqual(2);
  expect(waits[0]?.message).toMatch(/429|Rate limit/);
  // A refusal costs no try.
  expect(run.launcher.of('page-finished').map(({ attempt }) => attempt)).toEqual(Array(30).fill(1));
}

test('a service that refuses for six seconds is waited for, by workers and scripts', async () => {
  const setup = { pages: numbered(30), env: { FAKE_SERVICE_DOWN: '6' } };
  const [warm, script] = await Promise.all([runWarm(setup), runToEnd(setup)]);
  checkWaited(warm);
  for (const gap of gapsOf(refusalsAfterFirst(warm))) expect(gap).toBeGreaterThanOrEqual(1);
  expect(starts(warm)).toBe(2);
  expect(warm.launcher.of('gpu-benched')).toEqual([]);
  checkWaited(script);
  const again = script.begun.filter((page, at) => script.begun.indexOf(page) !== at);
  expect(again.length).toBeLessThanOrEqual(8);
});

test('a worker’s own word for busy, with the seconds that its service asks for', async () => {
  const plan = { '001.png': { fault: 'busy', times: 1, seconds: 1 } };
  const run = await runWarm({ pages: numbered(6), gpus: 1, plan, args: ['--retries', '0'] });
  expect(badOnes(run)).toEqual({});
  expect(run.code).toBe(0);
  expect(retriesOf(run.launcher)).toEqual(['001.png: busy']);
  const [wait, ...more] = run.launcher.of('service-waiting');
  expect(more).toEqual([]);
  expect(wait?.seconds).toBeGreaterThanOrEqual(1);
  expect(wait?.seconds).toBeLessThanOrEqual(1.25);
  const begun = run.place.fakes.of('begin');
  expect(gapsOf(begun.map(({ time }) => time))[0]).toBeGreaterThanOrEqual(0.95);
  // Another page asks first.
  expect(begun[1]?.page).not.toBe('001.png');
});

test('a service that takes a few pages a second: none is lost to it', async () => {
  const env = { FAKE_MOST_A_SECOND: '3', FAKE_PAGE_SECONDS: '0.05' };
  const run = await runWarm({ pages: numbered(30), gpus: 4, env });
  expect(badOnes(run)).toEqual({});
  expect(run.counts).toMatchObject({ translated: 30, failed: 0, left: 0 });
  expect(run.code).toBe(0);
});

test('a page that the service refuses while others pass has failed, with workers and scripts', async () => {
  const setup = (fault: string) => ({ pages: numbered(12), gpus: 1, plan: { '003.png': fault } });
  const runs = await Promise.all([
    runWarm(setup('rate-limited')),
    runWarm(setup('busy')),
    runToEnd(setup('rate-limited')),
  ]);
  for (const run of runs) {
    expect(badOnes(run)).toEqual({ '003.png': 'failed: error' });
    expect(run.messages['003.png']).toMatch(/429/);
    expect(run.counts).toMatchObject({ translated: 11, failed: 1, left: 0 });
    expect(run.code).toBe(1);
  }
});

test('--service-wait: a service that stays down ends the run, and all pages are left', async () => {
  const args = ['--service-wait', '1s'];
  const setup = { pages: numbered(20), args, env: REFUSED };
  const [warm, script, only] = await Promise.all([
    runWarm(setup),
    runToEnd(setup),
    runWarm({ pages: ['1.png'], plan: { '1.png': 'rate-limited' }, args }),
  ]);
  for (const run of [warm, script]) {
    expect(run.code).toBe(3);
    expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 20 });
  }
  expect(warm.launcher.stderr).toMatch(/the service refuses every request: .*429/);
  expect(warm.begun.length).toBeLessThanOrEqual(4);
  expect(only.code).toBe(3);
  expect(only.counts).toMatchObject({ failed: 0, left: 1 });
  const next = await runToEnd({ place: script.place });
  expect(next.counts).toMatchObject({ translated: 20, left: 0 });
});

test.each([
  ['a worker', false],
  ['a script', true],
])('Ctrl-C ends a run that waits for a service: %s', async (_what, script) => {
  const place = script ? await Place.make({ pages: numbered(10) }) : await warmPlace({ pages: numbered(10) });
  const launcher = script
    ? place.start({ env: REFUSED })
    : startWarm(place, { plan: { '*.png': BUSY_LONG } });
  await launcher.event('service-waiting');
  launcher.kill('SIGINT');
  await stopping(launcher);
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 10 });
});

test('--max-time ends a run that waits for a service', async () => {
  const run = await runWarm({
    pages: numbered(10),
    plan: { '*.png': BUSY_LONG },
    args: ['--max-time', '2s'],
  });
  expect(run.code).toBe(4);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 10 });
  const [end] = run.launcher.of('run-finished');
  expect(end?.seconds).toBeLessThan(20);
});

test('--pages-per-minute: pages wait for their turn, and Ctrl-C does not', async () => {
  const place = await warmPlace({ pages: numbered(7), gpus: 2 });
  const launcher = startWarm(place, { args: ['--pages-per-minute', '60'] });
  await launcher.event('page-finished', () => launcher.of('page-finished').length === 6);
  const since = performance.now();
  launcher.kill('SIGINT');
  const run = await checkAccounts(place, launcher);
  expect(run.code).toBe(130);
  expect(run.counts).toMatchObject({ translated: 6, left: 1 });
  const begun = place.fakes.of('begin').map(({ time }) => time);
  expect((begun[5] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(0.95);
  for (const { seconds = 9 } of launcher.of('page-finished')) expect(seconds).toBeLessThan(0.9);
  expect(performance.now() - since).toBeLessThan(5000);
});
