import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readDirectory } from '../../src/pages/sources/read-directory.ts';
import { png } from '../fixtures/images.ts';
import { zipOf } from '../fixtures/zips.ts';
import { type Launcher, Place } from './rig.ts';
import { startWarm, warmPlace } from './warm.ts';

const page = (name: string, n: number) => ({ name, content: png(8, 8, n) });

const VOL1 = zipOf([page('b/2.png', 1), { name: 'ComicInfo.xml', content: '<x/>' }, page('1.png', 2)]);
const DAMAGED = zipOf([page('1.png', 3), page('2.png', 4)]);
DAMAGED.writeUInt8((DAMAGED[60] ?? 0) ^ 1, 60);

async function namesIn(file: string): Promise<readonly string[]> {
  const found = await readDirectory(file);
  return 'trouble' in found ? [found.trouble] : found.entries.map(({ name }) => name);
}

/** What packed archives a run told of. */
const packedBy = (run: Launcher) =>
  run.events.flatMap((event) => (event.type === 'archive-packed' ? [[event.output, event.pages]] : []));

test('archives and loose pages through a script: packed, completed by the next run, then left alone', async () => {
  const place = await Place.make({
    pages: {
      'vol1.cbz': VOL1,
      'sub/vol2.zip': DAMAGED,
      'loose.png': png(8, 8, 9),
      'cut.cbz': VOL1.subarray(0, 50),
    },
    gpus: 1,
  });
  const first = place.start({ plan: { 'vol1/1.png': 'crash' }, args: ['--retries', '0'] });
  expect(await first.exit).toBe(1);
  const out = place.path('input-translated');
  expect(packedBy(first).sort()).toEqual([
    ['sub/vol2.incomplete.zip', 1],
    ['vol1.incomplete.cbz', 1],
  ]);
  expect(await namesIn(path.join(out, 'vol1.incomplete.cbz'))).toEqual(['b/2.png', 'ComicInfo.xml']);
  const failed = first.events.flatMap((event) =>
    event.type === 'page-finished' && event.outcome === 'failed' ? [[event.page, event.reason]] : [],
  );
  expect(failed.sort()).toEqual([
    ['cut.cbz', 'unreadable'],
    ['sub/vol2.zip/1.png', 'unreadable'],
    ['vol1.cbz/1.png', 'crash'],
  ]);

  const second = place.start();
  expect(await second.exit).toBe(1);
  expect(packedBy(second)).toEqual([['vol1.cbz', 2]]);
  expect(await namesIn(path.join(out, 'vol1.cbz'))).toEqual(['b/2.png', 'ComicInfo.xml', '1.png']);
  expect((await readdir(out)).sort()).toEqual(['.mgpu', 'loose.png', 'sub', 'vol1.cbz']);
  expect(await readdir(path.join(out, '.mgpu/archives'))).toEqual(['sub']);

  const { mtimeMs } = await stat(path.join(out, 'vol1.cbz'));
  // A run that was killed was writing an archive that comes no more.
  await place.write('input-translated/.mgpu/archive-0123456789abcdef.part', 'half');
  const third = place.start({ args: ['--exclude', 'sub', '--exclude', 'cut.cbz'] });
  expect(await third.exit).toBe(0);
  expect(third.events.find(({ type }) => type === 'pages-found')).toMatchObject({ pages: 3, skipped: 3 });
  expect((await readdir(path.join(out, '.mgpu'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect((await stat(path.join(out, 'vol1.cbz'))).mtimeMs).toBe(mtimeMs);
});

test('one archive through a worker, beside it; its pages are private copies that go with the page', async () => {
  const place = await warmPlace({ pages: { 'vol1.cbz': VOL1 }, gpus: 1 });
  const run = startWarm(place, { argv: ['run', 'input/vol1.cbz', '--json'] });
  expect(await run.exit).toBe(0);
  expect(packedBy(run)).toEqual([['vol1-translated.cbz', 2]]);
  expect((await readdir(place.path('input'))).sort()).toEqual([
    'vol1-translated',
    'vol1-translated.cbz',
    'vol1.cbz',
  ]);
  expect((await readdir(place.path('input/vol1-translated/.mgpu'))).sort()).toEqual([
    'ledger.ndjson',
    'runs',
  ]);
  expect((await readFile(place.path('input/vol1.cbz'))).equals(VOL1)).toBe(true);

  const report = place.start({ argv: ['report', 'input/vol1-translated.cbz', '--format', 'csv'] });
  expect(await report.exit).toBe(0);
  expect(report.text).toContainEqual(
    expect.stringMatching(/^vol1\.cbz\/1\.png,translated,.*,vol1\.cbz\/1\.png,/),
  );

  const folders = startWarm(place, { argv: ['run', 'input', '-o', 'out', '--json', '--archives', 'folder'] });
  expect(await folders.exit).toBe(0);
  expect((await readdir(place.path('out/vol1'))).sort()).toEqual(['1.png', 'b']);

  await place.write('other/vol1.cbz', 'somebody else’s');
  const over = startWarm(place, { argv: ['run', 'input/vol1.cbz', '-o', 'other', '--json'] });
  expect(await over.exit).toBe(3);
  expect(over.stderr).toContain('no run wrote it');
  const plan = startWarm(place, { argv: ['plan', 'input/vol1.cbz', '-o', 'other'] });
  expect(await plan.exit).toBe(3);
  expect(await readFile(place.path('other/vol1.cbz'), 'utf8')).toBe('somebody else’s');
});

test('what was packed is paid for: a folder can be made of it, and no ledger is needed to know it', async () => {
  const place = await Place.make({ pages: { 'vol1.cbz': VOL1, 'sub/vol2.zip': VOL1 }, gpus: 1 });
  expect(await place.start().exit).toBe(0);
  const out = place.path('input-translated');

  const folders = place.start({ args: ['--archives', 'folder'] });
  expect(await folders.exit).toBe(0);
  expect(folders.events.find(({ type }) => type === 'pages-found')).toMatchObject({ pages: 4, skipped: 4 });
  expect((await readdir(path.join(out, 'vol1'))).sort()).toEqual(['1.png', 'b']);

  for (const name of ['.mgpu', 'vol1', 'sub/vol2']) await rm(path.join(out, name), { recursive: true });
  const packed = await readFile(path.join(out, 'vol1.cbz'));
  const adopted = place.start();
  expect(await adopted.exit).toBe(0);
  expect(adopted.events.find(({ type }) => type === 'pages-found')).toMatchObject({ pages: 4, skipped: 4 });
  expect((await readFile(path.join(out, 'vol1.cbz'))).equals(packed)).toBe(true);
});

test('a script that writes over pages of an archive gets no links to files', async () => {
  const pages = Array.from({ length: 256 }, (_, n) =>
    page(n === 9 ? '9-overwrite-input.png' : `${n}.png`, n),
  );
  const loose = png(8, 8, 1);
  const place = await Place.make({
    pages: { 'a.cbz': zipOf(pages), 'b/1-overwrite-input.png': loose, 'b/2.png': loose },
    gpus: 1,
  });
  const run = place.start();
  expect(await run.exit).toBe(3);
  expect(run.stderr).toContain('The originals are untouched');
  expect((await readFile(place.path('input/b/1-overwrite-input.png'))).equals(loose)).toBe(true);
});
