import { readdir, readFile, utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { eventually } from './process.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', '2.png'];
const LOCK = 'input-translated/.mgpu/lock';
const state = async (place: Place): Promise<unknown> => [
  (await readdir(place.path('input-translated/.mgpu'))).sort(),
  await readdir(place.path('input-translated/.mgpu/runs')),
  await readFile(place.path(LOCK), 'utf8'),
  await readFile(place.path('input-translated/.mgpu/ledger.ndjson'), 'utf8'),
];
const plan = { '1.png': { fault: 'ask', times: 1 } };

test('a run that goes on holds its output: a second one is refused and changes nothing', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const first = place.start({ plan });
  const asking = await place.fakes.asking('1.png');
  await eventually(() => expect(first.of('page-started')).toHaveLength(1));
  const before = await state(place);
  for (const argv of [undefined, ['run', 'input', '--part', '1/2']]) {
    const second = place.start(argv && { argv });
    expect(await second.exit).toBe(3);
    expect(second.stderr).toMatch(
      new RegExp(
        `^error: the output is in use by another run: process ${first.pid} on \\S+, since 20[\\dT:.-]+Z\n`,
      ),
    );
    expect(second.stderr).toMatch(
      /hint: wait for it to end, stop it, or choose another --output\..* It is running\.$/m,
    );
    expect(second.events).toEqual([]);
  }
  expect(await state(place)).toEqual(before);
  asking.order('finish');
  expect((await checkAccounts(place, first)).counts).toMatchObject({ translated: 2 });
});

test('the lock of a holder that was killed is taken over at once, with a line', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const first = place.start({ plan });
  await place.fakes.asking('1.png');
  first.kill('SIGKILL');
  await first.exit;
  const run = await checkAccounts(place, place.start());
  expect(run.code).toBe(0);
  expect(run.launcher.of('notice').map(({ text }) => text)).toEqual([
    expect.stringMatching(
      new RegExp(`^Took over the lock of process ${first.pid} on \\S+: that process is gone\\.$`),
    ),
  ]);
});

test('the lock of another machine holds while it is touched, and a minute longer', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const first = place.start({ plan });
  await place.fakes.asking('1.png');
  const holder = JSON.parse(await readFile(place.path(LOCK), 'utf8'));
  first.kill('SIGKILL');
  await first.exit;
  await place.write(LOCK, `${JSON.stringify({ ...holder, host: 'elsewhere', bootId: 'another' })}\n`);
  const refused = place.start();
  expect(await refused.exit).toBe(3);
  expect(refused.stderr).toContain(`process ${first.pid} on elsewhere, since ${holder.since}`);
  expect(refused.stderr).toMatch(/If it no longer exists, run the same command again in (60|5\d) s\./);

  const longAgo = new Date(Date.now() - 61_000);
  await utimes(place.path(LOCK), longAgo, longAgo);
  const run = await checkAccounts(place, place.start());
  expect(run.code).toBe(0);
  expect(run.launcher.of('notice')[0]?.text).toMatch(/on elsewhere: it has had no heartbeat for 6\d s\.$/);
});

test('a holder that was stopped for over a minute still holds, and goes on', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const first = place.start({ plan });
  const asking = await place.fakes.asking('1.png');
  first.kill('SIGSTOP');
  const longAgo = new Date(Date.now() - 3600_000);
  await eventually(async () => expect(await readFile(`/proc/${first.pid}/stat`, 'utf8')).toMatch(/\) T /));
  await utimes(place.path(LOCK), longAgo, longAgo);
  const before = await state(place);
  const second = place.start();
  expect(await second.exit).toBe(3);
  expect(second.stderr).toContain(
    `choose another --output. It is stopped: kill -CONT ${first.pid} continues it, kill -KILL ${first.pid} ends it.`,
  );
  expect(await state(place)).toEqual(before);
  first.kill('SIGCONT');
  asking.order('finish');
  const run = await checkAccounts(place, first);
  expect(run.code).toBe(0);
  expect(run.counts).toMatchObject({ translated: 2, failed: 0 });
});

test('of two that start at once exactly one runs', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const both = [place.start({ plan }), place.start({ plan })];
  const asking = await place.fakes.asking('1.png');
  const refused = await Promise.race(both.map(async (one) => ({ one, code: await one.exit })));
  expect(refused.code).toBe(3);
  expect(refused.one.stderr).toContain('the output is in use by another run');
  asking.order('finish');
  const [other] = both.filter((one) => one !== refused.one);
  if (!other) throw new Error('there are two');
  const run = await checkAccounts(place, other);
  expect(run.code).toBe(0);
  expect(run.begun).toEqual(PAGES);
});

test('parts of one number run side by side', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const first = place.start({ argv: ['run', 'input', '--json', '--part', '1/2'], plan });
  const asking = await place.fakes.asking('1.png');
  const second = place.start({ argv: ['run', 'input', '--json', '--part', '2/2'] });
  expect(await second.exit).toBe(0);
  expect(second.of('run-finished')).toMatchObject([{ counts: { translated: 1 } }]);
  asking.order('finish');
  expect(await first.exit).toBe(0);
});
