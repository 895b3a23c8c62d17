import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { planSchema } from '../../src/plan/plan-schema.ts';
import { png } from '../fixtures/images.ts';
import { Place } from './rig.ts';
import { pagesTo, startWarm, warmPlace } from './warm.ts';

const CACHE = '.cache/mgpu-translate/costs.json';

test('a sample comes from all folders, and what it shows is known to plan and to the run proper', async () => {
  const ids = ['a', 'b', 'c'].flatMap((folder) => pagesTo(6).map((page) => `${folder}/${page}`));
  const pages = Object.fromEntries(ids.map((id, n) => [id, png(40 + 20 * (n % 3), 100, n)]));
  const place = await warmPlace({ pages, gpus: 1 });
  const env = { FAKE_PAGE_SECONDS: '0.05', FAKE_LOAD_SECONDS: '0.2' };
  const sample = startWarm(place, { env, args: ['--sample', '3', '--max-cost', '1'] });
  expect(await sample.exit, sample.stderr).toBe(0);
  const done = sample.of('page-finished');
  expect(done.map(({ page }) => page[0]).toSorted()).toEqual(['a', 'b', 'c']);
  expect(new Set(done.map(({ width }) => width)).size).toBe(3);
  expect(sample.of('pages-found')).toMatchObject([{ pages: 3, more: true, later: 15 }]);
  const rest = sample.of('forecast').find(({ by }) => by === 'rest');
  expect(rest).toMatchObject({ pagesLeft: 15 });
  expect(rest?.secondsLeft).toBeGreaterThan(0.2 + 15 * 0.05);
  expect(sample.of('run-finished')[0]?.folders?.some(({ complete }) => complete)).toBe(false);
  const kept = JSON.parse(await readFile(place.path(CACHE), 'utf8'));
  expect(Object.values(kept.programs)).toMatchObject([
    { devices: { Fake: { loads: [expect.any(Number)] } } },
  ]);

  // Garbage in the cache is nobody's end; the ledger knows the pages, too.
  await place.write(CACHE, '{"v":1,"programs":{"x":3}}');
  const argv = [
    'plan',
    'input',
    '--json',
    '-t',
    sample.of('run-started')[0]?.options['translator'] as string,
  ];
  const planning = place.start({ argv, args: ['--max-time', '1ms'] });
  expect(await planning.exit, planning.stderr).toBe(0);
  const plan = planSchema.parse(planning.events[0]);
  expect(plan).toMatchObject({ withoutLoads: true, pagesInTime: 1, measured: { pages: 3, byPixels: true } });
  expect(plan.strategy).toMatchObject({ name: 'dynamic', auto: 'workers stay loaded' });

  const run = startWarm(place, { env });
  expect(await run.exit, run.stderr).toBe(0);
  expect(run.of('run-finished')[0]?.counts).toMatchObject({ translated: 15, skipped: 3 });
});

test('--max-cost stops after the pages in progress; the next run counts from nothing', async () => {
  const place = await warmPlace({ pages: pagesTo(12), gpus: 1 });
  const env = { FAKE_COST: '0.25', FAKE_PAGE_SECONDS: '0.05' };
  const first = startWarm(place, { env, args: ['--max-cost', '1'] });
  expect(await first.exit, first.stderr).toBe(4);
  const [end] = first.of('run-finished');
  expect(end?.cost).toBeGreaterThanOrEqual(1);
  expect(end?.cost).toBeLessThanOrEqual(1.5);
  expect(end?.cost).toBe(0.25 * (end?.counts.translated ?? 0));
  expect(first.of('page-finished')[0]?.cost).toBe(0.25);
  expect(first.of('notice').map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^--max-cost reached\. Stopping after the pages in progress\./),
  );
  const done = end?.counts.translated ?? 0;
  const second = startWarm(place, { env, args: ['--max-cost', '3'] });
  expect(await second.exit, second.stderr).toBe(0);
  expect(second.of('run-finished')[0]).toMatchObject({ cost: 0.25 * (12 - done) });
});

const SLOW_ON_ONE = `
import os, sys, time
source, target = sys.argv[2], sys.argv[4]
slow = os.environ["CUDA_VISIBLE_DEVICES"] == "1"
for name in sorted(os.listdir(source)):
    print("page", name, flush=True)
    time.sleep(1 if slow else 0.05)
    with open(os.path.join(source, name), "rb") as page:
        content = page.read()
    with open(os.path.join(target, name), "wb") as output:
        output.write(content + b" ")
`;

test('with a script and a queue, pages that a slow GPU has not begun go to the other one', async () => {
  const place = await Place.make({ pages: pagesTo(24), gpus: 2, script: false });
  await place.write('slow.py', SLOW_ON_ONE);
  const run = place.start({ args: ['-t', 'slow.py', '--strategy', 'dynamic'] });
  expect(await run.exit, run.stderr).toBe(0);
  const done = run.of('page-finished');
  expect(done.map(({ page }) => page).toSorted()).toEqual(pagesTo(24).toSorted());
  expect(done.filter(({ attempt }) => attempt > 1)).toEqual([]);
  expect(done.filter(({ slot }) => slot === 'gpu1-0').length).toBeLessThan(10);
  expect(run.of('worker-exited')).toContainEqual(
    expect.objectContaining({ slot: 'gpu1-0', signal: 'SIGTERM' }),
  );
  expect(run.of('page-retried')).toEqual([]);
});

test("a script's second run is foretold by the sizes of its pages, although its schedule needs none", async () => {
  const pages = Object.fromEntries(pagesTo(6).map((page, n) => [page, png(40, 100, n)]));
  const place = await Place.make({ pages, gpus: 1, script: false });
  await place.write('slow.py', SLOW_ON_ONE);
  const first = place.start({ args: ['-t', 'slow.py'] });
  expect(await first.exit, first.stderr).toBe(0);
  const second = place.start({ args: ['-t', 'slow.py', '--overwrite', 'all'] });
  expect(await second.exit, second.stderr).toBe(0);
  const [told] = second.of('forecast');
  expect(told).toMatchObject({ by: 'earlier-runs', pagesLeft: 6 });
  expect(told?.secondsLeft).toBeLessThan(5);
});
