import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type RunReport, runReportSchema } from '../../src/report/report-schema.ts';
import { Place } from './rig.ts';

const PAGES = ['ch1/1.png', 'ch1/2.png', 'ch2/1.png', 'ch2/2-exit1.png', 'ch10/1.png', 'ch10/2.png'];

const report = async (place: Place): Promise<RunReport> => {
  const launcher = place.start({ argv: ['report', 'input-translated', '--json'] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return runReportSchema.parse(launcher.events[0]);
};

const inShort = ({ folders = [] }: Pick<RunReport, 'folders'>): string[] =>
  folders.map(({ folder, done, failed, left, complete }) =>
    [`${folder}: ${done} done, ${failed} failed, ${left} left`, ...(complete ? ['complete'] : [])].join(', '),
  );

test('after a failure, and after the run that goes on from there', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const run = place.start({ args: ['--retries', '0'] });
  expect(await run.exit).toBe(1);
  const folders = [
    'ch1: 2 done, 0 failed, 0 left, complete',
    'ch2: 1 done, 1 failed, 0 left',
    'ch10: 2 done, 0 failed, 0 left, complete',
  ];
  expect(inShort(await report(place))).toEqual(folders);
  expect(run.of('run-finished')[0]?.folderTotals).toEqual({ folders: 3, complete: 2 });
  const again = place.start({ args: ['--retries', '0'], plan: { 'ch2/2-exit1.png': 'none' } });
  expect(await again.exit).toBe(0);
  const last = await report(place);
  expect(last.counts).toMatchObject({ translated: 1, skipped: 5 });
  expect(last.folderTotals).toEqual({ folders: 3, complete: 3 });
});

test('of a run that was stopped, or killed without a last word', async () => {
  const place = await Place.make({ pages: PAGES.map((page) => page.replace('-exit1', '')), gpus: 1 });
  const run = place.start({ plan: { 'ch2/1.png': 'ask', 'ch2/2.png': 'hang' } });
  const asking = await place.fakes.asking('ch2/1.png');
  run.kill('SIGTERM');
  await run.event('notice', ({ text }) => text.includes('Stopping after'));
  asking.order('finish');
  expect(await run.exit).toBe(143);
  const folders = [
    'ch1: 2 done, 0 failed, 0 left, complete',
    'ch2: 1 done, 0 failed, 1 left',
    'ch10: 0 done, 0 failed, 2 left',
  ];
  expect(inShort(await report(place))).toEqual(folders);

  const events = place.path(`input-translated/.mgpu/runs/${(await report(place)).run}/events.ndjson`);
  const without = async (type: string): Promise<RunReport> => {
    const lines = (await readFile(events, 'utf8')).split('\n');
    await writeFile(events, lines.filter((line) => !line.includes(`"type":"${type}"`)).join('\n'));
    return report(place);
  };
  const killed = await without('run-finished');
  expect(killed.state).toBe('killed');
  expect(inShort(killed)).toEqual(folders);
  // Version 0.1.0 told of no folder.
  const old = await without('folders-found');
  expect(old.counts).toMatchObject({ translated: 3, left: 3 });
  expect(old).not.toHaveProperty('folders');
});

test('of parts together, once all of them are known', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const part = async (name: string): Promise<void> => {
    await place.start({ args: ['--retries', '0', '--part', name] }).exit;
  };
  await part('1/2');
  expect(await report(place)).not.toHaveProperty('folders');
  await part('2/2');
  expect(inShort(await report(place))).toEqual([
    'ch1: 2 done, 0 failed, 0 left, complete',
    'ch2: 1 done, 1 failed, 0 left',
    'ch10: 2 done, 0 failed, 0 left, complete',
  ]);
});

test('--limit: a folder of which more pages may follow is not complete', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const run = place.start({ args: ['--limit', '3'] });
  expect(await run.exit).toBe(0);
  expect(run.of('pages-found')[0]).toMatchObject({ pages: 3, more: true });
  expect(inShort(await report(place))).toEqual([
    'ch1: 2 done, 0 failed, 0 left, complete',
    'ch2: 1 done, 0 failed, 0 left',
  ]);
});
