import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { makeTroubledNames } from '../fixtures/trouble.ts';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', 'ch 1/2.png', 'ch 1/3-sidecar.png'];
const BESIDE = ['ch 1/3-sidecar.json', 'ch 1/3-sidecar.txt'];

test('an output folder inside the input: its pages are none of the next run', async () => {
  const place = await Place.make({ pages: PAGES });
  const how = { place, args: ['-o', 'input/out'], output: 'input/out', beside: BESIDE };
  expect((await runToEnd(how)).counts).toMatchObject({ translated: 3, skipped: 0 });
  expect((await runToEnd(how)).counts).toMatchObject({ translated: 0, skipped: 3 });
});

const MEMORY = '/dev/shm';
test.runIf(existsSync(MEMORY) && statSync(MEMORY).dev !== statSync(tmpdir()).dev)(
  '--work on another file system: outputs and what lies beside them still arrive whole',
  async () => {
    const work = await mkdtemp(`${MEMORY}/mgpu-`);
    onTestFinished(() => rm(work, { recursive: true, force: true }));
    const run = await runToEnd({ pages: PAGES, args: ['--work', `${work}/w`], beside: BESIDE });
    expect(run.counts.translated).toBe(3);
    expect(await readdir(work)).toEqual([]);
  },
);

test('two pages of one final path: the first in order goes on, the other is a collision', async () => {
  const pages = ['a.jpg', 'a.png', 'b.png'];
  const run = await runToEnd({ pages, args: ['--format', 'webp'], env: { FAKE_FORMAT: 'webp' } });
  expect(run.outcomes).toEqual({
    'a.jpg': 'translated',
    'a.png': 'failed: collision',
    'b.png': 'translated',
  });
  expect(run.messages['a.png']).toContain('a.jpg');
  expect(run.files).toEqual(['a.webp', 'b.webp']);
});

test('an output that the translator named as another page is never put in that one’s place', async () => {
  // Unasked, this one writes WebP: of `a.png` comes what only `a.webp` may be.
  const run = await runToEnd({ pages: ['a.png', 'a.webp'], gpus: 1, env: { FAKE_FORMAT: 'webp' } });
  expect(run.outcomes).toEqual({ 'a.png': 'failed: collision', 'a.webp': 'translated' });
  expect(run.files).toEqual(['a.webp']);
});

test('copies in place of links, whatever the names', async () => {
  const place = await Place.make({ pages: [], gpus: 1 });
  await mkdir(place.path('input'));
  const { good } = await makeTroubledNames(place.path('input'));
  const run = await runToEnd({ place, args: ['--link', 'copy'] });
  expect(run.files).toEqual(good);
});

test('a child’s own child is ended with it, and holds nothing up', async () => {
  const run = await runToEnd({ pages: ['1-grandchild.png', '2.png'], gpus: 1 });
  expect(run.counts.translated).toBe(2);
  expect(run.place.fakes.of('grandchild')).toHaveLength(1);
});

test('hundreds of pages with a few bad ones: each has its own end', async () => {
  const pages = Array.from({ length: 300 }, (_, n) => `ch${n % 12}/${n}.png`);
  const plan = {
    'ch5/17.png': 'crash',
    'ch5/29.png': 'forget',
    'ch8/260.png': 'cut',
    'ch11/299.png': 'exit0',
  };
  const run = await runToEnd({ pages, plan, args: ['--retries', '0'] });
  expect(run.counts).toMatchObject({ translated: 296, failed: 4 });
  for (const page of Object.keys(plan)) expect(run.outcomes[page]).toMatch(/^failed/);
});
