import { readdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { planSchema, type RunPlan } from '../../src/plan/plan-schema.ts';
import { png } from '../fixtures/images.ts';
import { snapshot } from './process.ts';
import { Place } from './rig.ts';

const plan = async (place: Place, args: readonly string[] = [], env = {}): Promise<RunPlan> => {
  const launcher = place.start({ argv: ['plan', 'input', '--json', ...args], env });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  return planSchema.parse(launcher.events[0]);
};

test('shows the shards as the run then deals them; starts and writes nothing', async () => {
  const pages = { '1.png': png(30, 10), '2.png': png(10, 10), '3.png': png(10, 10), '4.png': png(10, 10) };
  const place = await Place.make({ pages });
  const before = await snapshot(place.root);
  const resolved = await plan(place, ['-s', 'balanced']);
  expect(await snapshot(place.root)).toEqual(before);
  expect(place.fakes.all).toEqual([]);
  expect(resolved.shards).toMatchObject([
    { slot: 'gpu0-0', gpu: 0, gpuName: 'Fake', pages: 1, pixels: 300 },
    { slot: 'gpu1-0', gpu: 1, gpuName: 'Fake', pages: 3, pixels: 300 },
  ]);
  expect(resolved.output).toMatchObject({ folder: place.path('input-translated'), exists: false });

  const launcher = place.start({ args: ['-s', 'balanced'] });
  expect(await launcher.exit).toBe(0);
  const slots = launcher.of('page-finished').map(({ page, slot }) => `${slot} ${page}`);
  expect(slots.toSorted()).toEqual(['gpu0-0 1.png', 'gpu1-0 2.png', 'gpu1-0 3.png', 'gpu1-0 4.png']);
});

test('shows what the first child is started with, without secrets', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png'] });
  const secret = 'sk-verysecret12345';
  const { firstWorker, translator } = await plan(place, ['-g', '1,0', '--', '--api-key', secret], {
    OPENAI_API_KEY: secret,
  });
  expect(translator).toEqual({ name: 'translate.py', kind: 'one-shot' });
  expect(firstWorker.slot).toBe('gpu1-0');
  expect(firstWorker.env).toMatchObject({ CUDA_VISIBLE_DEVICES: '1', MGPU_SLOT: 'gpu1-0' });
  expect(firstWorker.command.slice(1)).toEqual([
    place.path('translate.py'),
    '--input',
    place.path('input-translated/.mgpu/work.RUN/gpu1-0/1/in'),
    '--output',
    place.path('input-translated/.mgpu/work.RUN/gpu1-0/1/out'),
    '--api-key',
    '[redacted]',
  ]);
});

test('after a run: what is skipped and done again and why, and the seconds that were measured', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3-exit1.png'] });
  await place.write('input/@eaDir/1.png', png(8, 8));
  await place.write('input/ch1-translated/1.png', png(8, 8));
  await place.write('input/ch1-translated/.mgpu/ledger.ndjson', '');
  const first = place.start({ args: ['--retries', '0'], env: { FAKE_PAGE_SECONDS: '0.3' } });
  expect(await first.exit).toBe(1);
  expect(first.of('notice').map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'Not included: 1 system folder (@eaDir).',
      expect.stringMatching(
        /^Not included: a folder .* earlier run \(ch1-translated\); .* name only that as an input\.$/,
      ),
    ]),
  );
  await place.write('input/4.png', png(16, 8));
  await place.write('input/5.txt', 'notes');
  await place.write('input/vol 1.cbr', '');
  await place.write('input/6.png', 'no image');
  await place.write('input/7.PNG', '');
  const resolved = await plan(place);
  expect(resolved.pages).toMatchObject({ found: 6, todo: 2, skipped: 2, unreadable: 2, collisions: 0 });
  expect(resolved.todoBecause).toEqual({ 'not-good': 1, new: 1 });
  expect(resolved.leftOut).toMatchObject({
    others: { txt: 1, cbr: 1 },
    ofSystem: { '@eaDir': 1 },
    earlierOutputs: ['ch1-translated'],
  });
  expect(resolved.notices.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/Not read: 1 \.cbr \(unar 'vol 1\.cbr'\)/),
  );
  expect(resolved.unreadable.map(({ page }) => page)).toEqual(['6.png', '7.PNG']);
  expect(resolved.measured).toMatchObject({ byPixels: true, otherOptions: false });
  expect(resolved.shards.map(({ pages }) => pages)).toEqual([1, 1]);
  // 4.png has twice the pixels of 3.
  const [third, fourth] = resolved.shards;
  expect((fourth?.seconds ?? 0) / (third?.seconds ?? 1)).toBeCloseTo(2, 1);
});

test('pages that nobody can read are no slot’s share, and nothing that is to do', async () => {
  const place = await Place.make({ pages: ['2.png', '4.png'] });
  for (const broken of ['1.png', '3.png']) await place.write(`input/${broken}`, 'no image');
  const name = Buffer.concat([
    Buffer.from(place.path('input/')),
    Buffer.from([0x83, 0x65]),
    Buffer.from('.png'),
  ]);
  await writeFile(name, png(8, 8));
  const resolved = await plan(place);
  expect(resolved.pages).toMatchObject({ found: 5, todo: 2, unreadable: 3 });
  expect(resolved.todoBecause).toEqual({ new: 2 });
  // Dealt as the run deals them: it finds out later that 1 and 3 are no images.
  expect(resolved.shards).toMatchObject([
    { slot: 'gpu0-0', pages: 0 },
    { slot: 'gpu1-0', pages: 2 },
  ]);

  expect(await place.start().exit).toBe(1);
  const launcher = place.start({ argv: ['plan', 'input'] });
  expect(await launcher.exit).toBe(0);
  const said = launcher.text.join('\n');
  expect(said).toMatch(/^5 pages, 0 to do$/m);
  expect(said).not.toContain('to do again');
  expect(said).toMatch(/unreadable: 3 pages, they will fail/);
});

test('collisions, and in words what people read', async () => {
  const place = await Place.make({ pages: ['a.png', 'a.webp', 'b.png'], gpus: 1 });
  const launcher = place.start({ argv: ['plan', 'input', '--format', 'jpg'] });
  expect(await launcher.exit).toBe(0);
  const said = launcher.text.join('\n');
  expect(said).toMatch(/^translator +translate\.py: starts for each batch/m);
  expect(said).toMatch(/^first start +\S*python3? \S+translate\.py --input/m);
  expect(said).toMatch(/^strategy +even: fixed shards/m);
  expect(said).toMatch(/^3 pages, 2 to do$/m);
  expect(said).toMatch(/^gpu0-0 +gpu0 {2}Fake +2 +0\.0$/m);
  expect(said).toMatch(
    /collisions: 1 page, they will fail\n {2}a\.webp {2}its output has the same name as that of a\.png/,
  );
  expect(said).toContain('outputs become .jpg');
});

test('a part shows its own pages; a folder without pages is refused as by run', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png'] });
  const { pages, part } = await plan(place, ['--part', '2/2']);
  expect(part).toEqual({ index: 2, of: 2 });
  expect(pages.todo).toBe(1);
  await place.write('empty/notes.txt', '');
  const launcher = place.start({ argv: ['plan', 'empty'] });
  expect(await launcher.exit).toBe(2);
  expect(launcher.stderr).toMatch(/no page images in .*empty; found there: 1 \.txt/);
  expect(await readdir(place.root)).not.toContain('empty-translated');
});
