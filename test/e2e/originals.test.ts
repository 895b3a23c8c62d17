import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png, translatedByFake } from '../fixtures/images.ts';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', '2-overwrite-input.png', '3.png', '4.png'];

test('a translator that writes over its input is stopped, and the way out is named', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const originals = await contents(place.path('input'));
  const run = await runToEnd({ place, sameBytes: false });
  expect(run.code).toBe(3);
  // Its outputs are paid for, and count.
  expect(run.counts.translated).toBe(4);
  expect(await contents(place.path('input'))).toEqual(originals);
  const message = run.launcher.of('run-finished')[0]?.message;
  expect(message).toContain('2-overwrite-input.png');
  expect(message).toContain('--link copy');
});

test('one that destroys the last page and then ends without an output is found out too', async () => {
  const place = await Place.make({ pages: ['1.png'], gpus: 1 });
  await place.write('bin/destroy', '#!/bin/sh\necho gone > "$1/1.png"\n');
  const run = await runToEnd({ place, args: ['--command', 'sh bin/destroy {input} {output}'] });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ failed: 0, left: 1 });
  expect(run.launcher.of('run-finished')[0]?.message).toContain('--link copy');
});

test('--link copy protects the originals', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const originals = await contents(place.path('input'));
  const run = await runToEnd({ place, args: ['--link', 'copy'], sameBytes: false });
  expect(run.code).toBe(0);
  expect(run.counts.translated).toBe(4);
  expect(await contents(place.path('input'))).toEqual(originals);
});

test('originals are neither changed nor moved by a run that goes wrong everywhere', async () => {
  const pages = Object.fromEntries(
    ['crash', 'exit0', 'cut', 'empty', 'forget', 'misname', 'ok'].map((name, n) => [
      `${name}.png`,
      png(8, 8, n),
    ]),
  );
  const place = await Place.make({ pages });
  const times = await Promise.all(Object.keys(pages).map((id) => stat(place.path(`input/${id}`))));
  const run = await runToEnd({
    place,
    args: ['--retries', '0', '--on-failed', 'copy'],
    beside: Object.keys(pages),
  });
  expect(run.counts).toMatchObject({ translated: 2, failed: 5 });
  for (const [id, content] of await contents(place.path('input')))
    expect(pages[id]?.equals(content)).toBe(true);
  const after = await Promise.all(Object.keys(pages).map((id) => stat(place.path(`input/${id}`))));
  expect(after.map(({ mtimeMs }) => mtimeMs)).toEqual(times.map(({ mtimeMs }) => mtimeMs));
  // Each chapter is complete: a failed page's original stands in for it.
  for (const id of Object.keys(pages)) if (id !== 'misname.png') expect(run.files).toContain(id);
});

test('a file beside is never put over a page that an earlier run has done', async () => {
  const place = await Place.make({ pages: ['final.png'], gpus: 1 });
  await runToEnd({ place });
  await place.write('input/1-misname-stem.png', png(9, 9));
  const run = await runToEnd({ place });
  expect(run.outcomes).toEqual({ '1-misname-stem.png': 'failed: no-output' });
  expect(run.counts.skipped).toBe(1);
  expect(await readFile(place.path('input-translated/final.png'))).toEqual(translatedByFake(png(8, 8, 0)));
});

async function contents(folder: string): Promise<[string, Buffer][]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, Buffer]> => [name, await readFile(`${folder}/${name}`)]),
  );
}
