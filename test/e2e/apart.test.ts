import { readFile, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { checkAccounts } from './accounts.ts';
import { snapshot } from './process.ts';
import { Place } from './rig.ts';
import { startWarm, warmPlace } from './warm.ts';

const PAGES = { 'ch1/1.png': png(8, 8, 1), 'ch2/1.png': png(8, 8, 2) };

test('a link in the output that leads to originals: refused by run, plan and doctor, and nothing is written', async () => {
  const place = await Place.make({ pages: PAGES });
  await place.write('input-translated/ch1/notes.txt', 'mine');
  await symlink('../input/ch2', place.path('input-translated/ch2'));
  const before = await snapshot(place.root);
  for (const command of ['run', 'plan']) {
    const launcher = place.start({ argv: [command, 'input', '--overwrite', 'all'] });
    expect(await launcher.exit).toBe(2);
    expect(launcher.stderr).toMatch(
      /^error: .*input-translated\/ch2 leads through a link into .*\nhint: .*\n$/,
    );
  }
  const doctor = place.start({ argv: ['doctor', 'input', '--json'] });
  expect(await doctor.exit).not.toBe(0);
  expect(JSON.stringify([doctor.events, doctor.text])).toContain('leads through a link into');
  expect(await snapshot(place.root)).toEqual(before);
});

test('an input that is the output: refused, and nothing is written', async () => {
  const place = await Place.make({ pages: PAGES });
  const before = await snapshot(place.root);
  const launcher = place.start({ argv: ['run', 'input/ch1', 'input/ch2', '-o', 'input/ch1/'] });
  expect(await launcher.exit).toBe(2);
  expect(launcher.stderr).toMatch(/^error: --output .*input\/ch1: that is the input .*\nhint: .*\n$/);
  expect(await snapshot(place.root)).toEqual(before);
});

test('a link that comes up while the run goes on ends it before an original is written over', async () => {
  const place = await warmPlace({
    pages: { 'ch1/1-ask.png': png(8, 8, 1), 'ch2/2.png': png(8, 8, 2) },
    gpus: 1,
  });
  // Whole, and another one: the translation of ch1 would stand there.
  await place.write('input/ch2/1-ask.png', png(9, 9, 3));
  const launcher = startWarm(place, { args: ['--exclude', 'ch2/1-ask.png'] });
  const page = await place.fakes.asking('ch1/1-ask.png');
  await symlink('../input/ch2', place.path('input-translated/ch1'));
  page.order('finish');
  const run = await checkAccounts(place, launcher, { beside: ['ch1'] });
  expect(run.code).toBe(3);
  expect(launcher.of('run-finished')[0]?.message).toContain('leads through a link into');
  expect(await readFile(place.path('input/ch2/1-ask.png'))).toEqual(png(9, 9, 3));
});

test('pages whose place is an original of another input are collisions', async () => {
  const place = await Place.make({ pages: PAGES });
  await place.write('input/out/ch1/1.png', png(9, 9, 3));
  const launcher = place.start({
    argv: ['run', 'input/ch1', 'input/out/ch1', '-o', 'input/out', '--json', '--overwrite', 'all'],
  });
  const run = await checkAccounts(place, launcher, {
    output: 'input/out',
    beside: ['ch1/1.png'],
  });
  expect(run.outcomes).toEqual({ 'ch1/1.png': 'failed: collision', 'out/ch1/1.png': 'translated' });
  expect(await readFile(place.path('input/out/ch1/1.png'))).toEqual(png(9, 9, 3));
});
