import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type RunReport, runReportSchema } from '../../src/report/report-schema.ts';
import { eventually, gone } from './process.ts';
import { type Launcher, Place, type StartSetup } from './rig.ts';

const OUTPUT = 'input-translated';
const PAGES = Array.from({ length: 24 }, (_, n) => `ch${Math.floor(n / 8) + 1}/${(n % 8) + 1}.png`);

const startPart = (place: Place, part: string, setup: StartSetup = {}): Launcher =>
  place.start({ ...setup, args: ['--part', part, ...(setup.args ?? [])] });

const reportOn = async (place: Place): Promise<RunReport> => {
  const launcher = place.start({ argv: ['report', OUTPUT, '--json'] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return runReportSchema.parse(launcher.events[0]);
};

const text = async (place: Place): Promise<string> => {
  const launcher = place.start({ argv: ['report', OUTPUT] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return launcher.text.join('\n');
};

test('four launchers at once on one output, one of them killed and started again', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  // Part 3 has the 3rd, 7th, 11th… page; it waits on the second of these.
  const plan = { [PAGES[6] ?? '']: 'ask@1' };
  const parts = ['1/4', '2/4', '3/4', '4/4'].map((part) => startPart(place, part, { plan }));
  const [first, second, third, fourth] = parts as [Launcher, Launcher, Launcher, Launcher];
  const asking = await place.fakes.asking(PAGES[6] ?? '');
  expect(await Promise.all([first.exit, second.exit, fourth.exit])).toEqual([0, 0, 0]);
  await third.event('page-finished');

  const going = await reportOn(place);
  expect(going.state).toBe('going');
  expect(going.parts?.map(({ state }) => state)).toEqual(['finished', 'finished', 'going', 'finished']);
  expect(going.counts).toMatchObject({ translated: 19, left: 5 });

  third.kill('SIGKILL');
  expect(await third.exit).toBe('SIGKILL');
  await gone(asking.pid);
  const killed = await reportOn(place);
  expect(killed.state).toBe('killed');
  expect(killed.parts?.[2]?.state).toBe('killed');
  expect(await text(place)).toMatch(/^part 3\/4 {2}interrupted: 1 page, 5 left.*--part 3\/4/m);

  const again = startPart(place, '3/4');
  expect(await again.exit).toBe(0);
  expect(again.of('run-finished')[0]?.counts).toMatchObject({ failed: 0, left: 0 });

  const done = await reportOn(place);
  expect(done).toMatchObject({ state: 'finished', finished: true, exitCode: 0, missingParts: [] });
  expect(done.ledger).toMatchObject({ pages: 24, outcomes: { translated: 24 }, broken: 0 });
  expect(done.gpus.map(({ part }) => part)).toEqual([1, 2, 3, 4]);
  const outputs = (await readdir(place.path(OUTPUT), { recursive: true })).filter(
    (name) => name.endsWith('.png') && !name.startsWith('.mgpu'),
  );
  expect(outputs.toSorted()).toEqual(PAGES.toSorted());
  // Every page stands in one part's ledger alone.
  const state = await readdir(place.path(`${OUTPUT}/.mgpu`));
  const ledgers = state.filter((name) => name.startsWith('ledger')).toSorted();
  expect(ledgers).toEqual([1, 2, 3, 4].map((part) => `ledger.${part}-of-4.ndjson`));
  const lines = await Promise.all(
    ledgers.map((name) => readFile(place.path(`${OUTPUT}/.mgpu/${name}`), 'utf8')),
  );
  const pages = lines.flatMap((ledger) => ledger.match(/"page":"[^"]+"/g) ?? []);
  expect(new Set(pages).size).toBe(24);
  expect(pages).toHaveLength(24);
  expect(state.filter((name) => name.startsWith('lock'))).toEqual([]);
});

test('a part that nobody began is named', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  for (const part of ['1/3', '3/3']) expect(await startPart(place, part).exit).toBe(0);
  const report = await reportOn(place);
  expect(report).toMatchObject({ state: 'missing', finished: false, exitCode: null, missingParts: [2] });
  expect(report.counts.translated).toBe(16);
  expect(await text(place)).toMatch(/^part 2\/3 {2}missing: never started \(--part 2\/3\)$/m);
});

test('--group folder deals whole folders', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const args = ['--group', 'folder'];
  const first = startPart(place, '1/2', { args });
  const second = startPart(place, '2/2', { args });
  expect(await Promise.all([first.exit, second.exit])).toEqual([0, 0]);
  const folders = (launcher: Launcher) => [
    ...new Set(launcher.of('page-finished').map(({ page }) => page.split('/')[0])),
  ];
  expect(folders(first).toSorted()).toEqual(['ch1', 'ch3']);
  expect(folders(second)).toEqual(['ch2']);
});

test('a part and a whole run exclude each other', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png'], gpus: 1 });
  const part = startPart(place, '1/2', { plan: { '1.png': 'ask' } });
  const asking = await place.fakes.asking('1.png');
  const whole = place.start();
  expect(await whole.exit).toBe(3);
  expect(whole.stderr).toMatch(/in use by part 1\/2/);
  asking.order('finish');
  expect(await part.exit).toBe(0);
  await eventually(async () => {
    expect(await readdir(place.path(`${OUTPUT}/.mgpu`))).not.toContain('lock.1-of-2');
  });
});
