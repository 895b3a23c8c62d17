import { mkdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type RunReport, runReportSchema } from '../../src/report/report-schema.ts';
import { png } from '../fixtures/images.ts';
import { gone, snapshot } from './process.ts';
import { Place } from './rig.ts';

const OUTPUT = 'input-translated';

const say = async (place: Place, ...args: string[]): Promise<string> => {
  const launcher = place.start({ argv: ['report', OUTPUT, ...args] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return launcher.text.join('\n');
};

const report = async (place: Place): Promise<RunReport> => {
  const launcher = place.start({ argv: ['report', OUTPUT, '--json'] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return runReportSchema.parse(launcher.events[0]);
};

test('of a run that ended: its summary, and each page’s last outcome over all runs', async () => {
  const place = await Place.make({ pages: ['ch1/2.png', 'ch1/10.png', 'ch2/1-exit1.png'] });
  const first = place.start({ args: ['--retries', '0'] });
  expect(await first.exit).toBe(1);
  const before = await snapshot(place.root);
  expect(await report(place)).toMatchObject({
    state: 'finished',
    exitCode: 1,
    counts: { translated: 2, failed: 1, left: 0 },
    ledger: { pages: 3, outcomes: { translated: 2, failed: 1 } },
    failures: [{ count: 1, pages: [{ page: 'ch2/1-exit1.png' }] }],
  });
  expect(await snapshot(place.root)).toEqual(before);

  // A second run that has nothing to do with the failed page leaves its failure on record.
  await place.write('input/ch1/3.png', png(4, 4));
  expect(await place.start({ args: ['--include', 'ch1/**'] }).exit).toBe(0);
  const later = await report(place);
  expect(later).toMatchObject({ exitCode: 0, counts: { translated: 1, skipped: 2 }, ledger: { pages: 4 } });
  expect(later.failures[0]?.pages).toMatchObject([{ page: 'ch2/1-exit1.png' }]);
  const text = await say(place);
  expect(text).toMatch(/^run \S+: finished, started .*, exit code 0$/m);
  expect(text).toMatch(/^all runs: 4 pages in the ledger, 3 translated, 1 failed$/m);
});

test('csv and junit: a line for each page in natural order', async () => {
  const place = await Place.make({ pages: ['ch1/2.png', 'ch1/10.png', 'ch2/1-exit1.png'] });
  await place.start({ args: ['--retries', '0'] }).exit;
  const csv = (await say(place, '--format', 'csv')).split('\n');
  expect(csv[0]).toMatch(/^page,outcome,reason,message,slot/);
  expect(csv.slice(1).map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
    'ch1/2.png translated',
    'ch1/10.png translated',
    'ch2/1-exit1.png failed',
  ]);
  const junit = await say(place, '--format', 'junit');
  expect(junit).toContain('<testsuite name="pages" tests="3" failures="1"');
  expect(junit.match(/<testcase/g)).toHaveLength(3);
});

test('a page that a stopped run left is listed, until a run comes to it', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png'], gpus: 1 });
  const launcher = place.start({ plan: { '2.png': 'ask-half', '3.png': 'hang' } });
  const asking = await place.fakes.asking('2.png');
  launcher.kill('SIGTERM');
  await launcher.event('notice', ({ text }) => text.includes('Stopping after'));
  asking.order('finish');
  expect(await launcher.exit).toBe(143);
  const rows = async () =>
    (await say(place, '--format', 'csv')).split('\n').map((line) => line.split(',').slice(0, 2).join(' '));
  expect((await rows()).slice(1)).toEqual(['1.png translated', '2.png translated', '3.png left']);
  expect(await place.start().exit).toBe(0);
  expect((await rows()).slice(1)).toEqual(['1.png translated', '2.png translated', '3.png translated']);
});

test('of a run still going: who is at it, pages done and time left; of a killed one that it was', async () => {
  const pages = ['1.png', '2.png', '3.png', '4-ask.png', '5.png'];
  const place = await Place.make({ pages, gpus: 1 });
  const launcher = place.start({ env: { FAKE_PAGE_SECONDS: '0.1' } });
  const asking = await place.fakes.asking('4-ask.png');
  await launcher.event('page-finished', ({ page }) => page === '3.png');
  const going = await report(place);
  expect(going).toMatchObject({ state: 'going', finished: false, exitCode: null });
  expect(going.holder?.pid).toBe(launcher.pid);
  expect(going.counts).toMatchObject({ translated: 3, left: 2 });
  expect(going.pagesPerMinute).toBeGreaterThan(0);
  expect(going.secondsLeft).toBeGreaterThan(0);
  expect(await say(place)).toMatch(/still running \(process \d+ on .*\)[\s\S]*3 pages in .* so far, .* left/);

  launcher.kill('SIGKILL');
  await launcher.exit;
  await gone(asking.pid);
  const killed = await report(place);
  expect(killed).toMatchObject({ state: 'killed', finished: false, counts: { translated: 3, left: 2 } });
  expect(killed.secondsLeft).toBeUndefined();
  expect(await say(place)).toMatch(/interrupted.*Run the same command to resume/);
});

test('where the events are gone, the ledger still says what became of the pages', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png'] });
  await place.start().exit;
  await rm(place.path(`${OUTPUT}/.mgpu/runs`), { recursive: true });
  expect(await report(place)).toMatchObject({ ledger: { pages: 2, outcomes: { translated: 2 } } });
  expect(await say(place)).toMatch(/its records are gone[\s\S]*2 pages in the ledger, 2 translated/);
});

test('no run ever wrote there: exit 2, and the nearest thing to do', async () => {
  const place = await Place.make();
  const refused = async (folder: string): Promise<string> => {
    const launcher = place.start({ argv: ['report', folder] });
    expect(await launcher.exit).toBe(2);
    return launcher.stderr;
  };
  expect(await refused('input')).toMatch(/no run ever wrote there[\s\S]*mgpu-translate run \S*input/);
  expect(await refused('nowhere')).toMatch(/its --output, or INPUT-translated/);
  await place.start().exit;
  await mkdir(place.path(`${OUTPUT}/ch1`));
  expect(await refused('input')).toMatch(/did you mean \S*input-translated\?/);
  expect(await refused(`${OUTPUT}/ch1`)).toMatch(/did you mean \S*input-translated\?/);
  expect(await refused(`${OUTPUT}/.mgpu`)).toMatch(/name the output itself/);
});
