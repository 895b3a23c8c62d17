import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { runToEnd } from './accounts.ts';
import { ledgerOf } from './process.ts';
import { Place } from './rig.ts';
import { pagesTo, runWarm, warmPlace } from './warm.ts';

const COPY = ['--on-failed', 'copy', '--retries', '0'];
const EVERY_PAGE_FAILS = { '*.png': 'error' };

test('--overwrite all and every page fails: good translations stay, and the pages are tried again', async () => {
  const place = await warmPlace({ pages: pagesTo(4) });
  await runWarm({ place });
  const outputs = pagesTo(4).map((name) => place.path(`input-translated/${name}`));
  // The fake copies: what it made must differ from the originals.
  for (const [seed, file] of outputs.entries()) await writeFile(file, png(9, 9, seed));
  const run = await runWarm({ place, args: [...COPY, '--overwrite', 'all'], plan: EVERY_PAGE_FAILS });
  expect(run.counts).toMatchObject({ failed: 4, translated: 0 });
  expect(run.messages['1.png']).toContain('the output of an earlier run is kept');
  for (const [seed, file] of outputs.entries()) expect(await readFile(file)).toEqual(png(9, 9, seed));
  const next = await runWarm({ place, args: COPY });
  expect(next.counts).toMatchObject({ translated: 4, skipped: 0 });
});

test('a stand-in goes when the page is made under another name; its translation never does', async () => {
  const place = await Place.make({ pages: ['1-exit1.png', '2.png'], gpus: 1 });
  const first = await runToEnd({ place, args: COPY, beside: ['1-exit1.png'] });
  expect(first.files).toEqual(['1-exit1.png', '2.png']);
  expect((await ledgerOf(place)).get('1-exit1.png')).toMatchObject({
    outcome: 'failed',
    standIn: { path: '1-exit1.png' },
  });
  const webp = {
    place,
    args: [...COPY, '--format', 'webp', '--overwrite', 'all'],
    env: { FAKE_FORMAT: 'webp' },
    plan: { '1-exit1.png': 'slow', '2.png': 'exit1' },
    beside: ['2.png'],
  };
  const second = await runToEnd(webp);
  expect(second.outcomes).toEqual({ '1-exit1.png': 'translated', '2.png': 'failed: error' });
  expect(second.files).toEqual(['1-exit1.webp', '2.png']);
});

test('an original that changed takes the place of its own stand-in, over runs that copy nothing', async () => {
  const place = await warmPlace({ pages: ['1.png'], gpus: 1 });
  const standIn = () => readFile(place.path('input-translated/1.png'));
  const fails = { place, plan: EVERY_PAGE_FAILS, beside: ['1.png'] };
  await runWarm({ ...fails, args: COPY });
  await place.write('input/1.png', png(9, 9, 1));
  await runWarm({ ...fails, args: ['--retries', '0'] });
  expect(await standIn()).toEqual(png(8, 8, 0));
  await place.write('input/1.png', png(9, 9, 2));
  await runWarm({ ...fails, args: COPY });
  expect(await standIn()).toEqual(png(9, 9, 2));
});
