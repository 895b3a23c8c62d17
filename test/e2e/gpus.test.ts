import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { checkAccounts, runToEnd } from './accounts.ts';
import { CLI_WORDS, Terminal } from './process.ts';
import { Place } from './rig.ts';
import { runWarm } from './warm.ts';

const PAGES = Array.from({ length: 8 }, (_, n) => `${n + 1}.png`);

test('each child sees its one device', async () => {
  const run = await runToEnd({ pages: PAGES, gpus: 2, env: { CUDA_VISIBLE_DEVICES: '0,1' } });
  const seen = run.place.fakes.of('start').map(({ env }) => env);
  expect(seen).toHaveLength(2);
  for (const gpu of ['0', '1']) {
    expect(seen).toContainEqual(
      expect.objectContaining({
        CUDA_VISIBLE_DEVICES: gpu,
        CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
        MGPU_GPU: gpu,
        MGPU_SLOT: `gpu${gpu}-0`,
        PYTHONUNBUFFERED: '1',
      }),
    );
  }
  expect(run.launcher.of('run-finished')[0]?.gpus).toMatchObject([
    { gpu: 0, pages: 4, loads: 1 },
    { gpu: 1, pages: 4, loads: 1 },
  ]);
});

test('on the CPU a child sees no device, and never more children than pages start', async () => {
  const run = await runToEnd({ gpus: 0, pages: ['1.png', '2.png'], args: ['-g', 'cpu', '-w', '4'] });
  const seen = run.place.fakes.of('start').map(({ env }) => env);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toMatchObject({
    CUDA_VISIBLE_DEVICES: '',
    MGPU_GPU: 'cpu',
    OMP_NUM_THREADS: expect.any(String),
  });
});

test('a page that fails is tried again on the other GPU', async () => {
  // The last one of its batch: a GPU that has finished nothing yet would get no second try.
  const run = await runToEnd({ pages: PAGES, plan: { '7.png': 'exit1' } });
  const gpus = run.launcher
    .of('page-started')
    .filter(({ page }) => page === '7.png')
    .map(({ slot, attempt }) => [slot, attempt]);
  const [suspected, first, second] = gpus;
  expect(suspected).toEqual([first?.[0] === undefined ? undefined : 'gpu0-0', 1]);
  expect(second?.[0]).not.toBe(first?.[0]);
  expect(gpus.map(([, attempt]) => attempt)).toEqual([1, 1, 2, 3]);
  expect(run.outcomes['7.png']).toBe('failed: error');
});

test('out of memory is tried on each card, then given up, with the size', async () => {
  const run = await runToEnd({ pages: PAGES, plan: { '3.png': 'oom0' }, args: ['--retries', '5'] });
  expect(run.outcomes['3.png']).toBe('failed: oom');
  expect(run.messages['3.png']).toMatch(/wanted 13\.42 GiB/);
  const retried = run.launcher.of('page-retried').map(({ slot }) => slot);
  const last = run.launcher.of('page-finished').find(({ page }) => page === '3.png');
  expect(new Set([...retried, last?.slot])).toEqual(new Set(['gpu0-0', 'gpu1-0']));
  expect(last?.attempt).toBe(2);
});

test('out of memory beside another worker: again with the card to itself', async () => {
  const place = await Place.make({ pages: ['1-ask.png', '2-ask.png'], gpus: 1 });
  const launcher = place.start({ args: ['-w', '2'] });
  const one = await place.fakes.asking('1-ask.png');
  const two = await place.fakes.asking('2-ask.png');
  one.order('oom');
  await launcher.event('page-retried', ({ page, reason }) => page === '1-ask.png' && reason === 'oom');
  two.order('finish');
  (await place.fakes.asking('1-ask.png')).order('finish');
  expect(await launcher.exit).toBe(0);
  const finished = launcher.of('page-finished').map(({ page, attempt }) => [page, attempt]);
  expect(finished).toEqual([
    ['2-ask.png', 1],
    ['1-ask.png', 2],
  ]);
});

test('a GPU on which every child dies is benched, and the other one does its pages', async () => {
  const run = await runToEnd({ pages: PAGES, env: { FAKE_DIE_ON_GPU: '1' } });
  expect(run.counts).toMatchObject({ translated: 8, failed: 0, left: 0 });
  const reason = expect.stringMatching(
    /^Pages that failed on it were finished on another GPU. Last output: .*no kernel image is available/,
  );
  expect(run.launcher.of('gpu-benched')).toMatchObject([{ gpu: 1, reason }]);
  // Three batches, and between them what tells whether their first pages are to blame.
  const lost = run.launcher.of('worker-started').filter(({ gpu }) => gpu === 1);
  expect(lost.length).toBeLessThanOrEqual(5);
  expect(run.code).toBe(0);
});

test('one child that dies before its first page costs nothing', async () => {
  const place = await Place.make({ pages: PAGES });
  const run = await runToEnd({ place, env: { FAKE_DIE_ONCE: place.path('died') } });
  expect(run.counts).toMatchObject({ translated: 8 });
  expect(run.launcher.of('page-retried')).toEqual([]);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('where nothing works anywhere the run stops with the children’s own words', async () => {
  const run = await runToEnd({ pages: PAGES, env: { FAKE_IMPORT_ERROR: '1' } });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 8 });
  expect(run.launcher.of('run-finished')[0]?.message).toMatch(/No module named 'torch'/);
  expect(run.launcher.of('worker-started').length).toBeLessThanOrEqual(6);
  expect(run.launcher.of('gpu-benched')).toEqual([]);
});

test('a single page on a single GPU is no proof that nothing works', async () => {
  const run = await runToEnd({ gpus: 1, plan: { '1.png': 'crash' } });
  expect(run.outcomes).toEqual({ '1.png': 'failed: crash' });
  expect(run.code).toBe(1);
});

test('one usable GPU and only bad pages: each page has its own end', async () => {
  const pages = ['1-crash.png', '2-exit0.png', '3-exit1.png', '4-oom.png'];
  const run = await runToEnd({ pages, gpus: 1, args: ['--retries', '0'] });
  expect(run.outcomes).toEqual({
    '1-crash.png': 'failed: crash',
    '2-exit0.png': 'failed: no-output',
    '3-exit1.png': 'failed: error',
    '4-oom.png': 'failed: oom',
  });
});

test('the list of GPUs has colours on a terminal, and none where NO_COLOR says so', async () => {
  const place = await Place.make({ gpus: 2 });
  const screenWith = async (env: Record<string, string>): Promise<string> => {
    const terminal = new Terminal(place, { command: [...CLI_WORDS, 'gpus'], env });
    expect(await terminal.exit).toBe(0);
    return terminal.screen;
  };
  expect(await screenWith({})).toContain('\x1b[1mGPU');
  const plain = await screenWith({ NO_COLOR: '1' });
  expect(plain).toContain('GPU');
  expect(plain).not.toContain('\x1b');
});

test('--gpus idle leaves a card to who has it, and waits for one', async () => {
  const place = await Place.make({ pages: PAGES.slice(0, 2) });
  const apps = 'GPU-0, 4711, 2000, /usr/bin/python3';
  const listed = await readFile(place.path('bin/nvidia-smi'), 'utf8');
  const answering = (lines: string): string =>
    listed.replace('\n', `\ncase "$*" in *compute-apps*) echo '${lines}'; exit;; esac\n`);
  await place.write('bin/nvidia-smi', answering(apps));
  const run = await checkAccounts(place, place.start({ args: ['-g', 'idle'] }));
  expect(run.launcher.of('run-started')[0]?.slots).toEqual(['gpu1-0']);

  await place.write('bin/nvidia-smi', answering(`${apps}\nGPU-1, 4712, 3000, blender`));
  const other = ['-o', 'other', '-g', 'idle', '--gpu-wait', '1h'];
  const [late, waits] = [place.start({ args: [...other, '--max-time', '1s'] }), place.start({ args: other })];
  const { text } = await waits.event('notice');
  expect(text).toMatch(
    /^Waiting up to 1 h for an idle GPU\. GPU 0 .*python3.*; GPU 1 .*blender \(pid 4712\) 3.15 GB\.$/,
  );
  waits.kill('SIGINT');
  expect(await waits.exit).toBe(130);
  expect(await late.exit).toBe(4);
  expect(existsSync(place.path('other'))).toBe(false);
});

test('--strategy vram: the largest pages go to the card with the most memory', async () => {
  const sizes = [8, 40, 16, 48, 24, 56, 32, 64];
  const pages = Object.fromEntries(sizes.map((size, at) => [`${at + 1}.png`, png(size, size, at)]));
  const plan = { '*.png': { fault: 'slow', seconds: 0.1 } };
  const run = await runWarm({ pages, memories: [4, 12], plan, args: ['--strategy', 'vram'] });
  expect(run.counts).toMatchObject({ translated: 8, failed: 0 });
  const [first, second] = ['gpu0-0', 'gpu1-0'].map((slot) =>
    run.launcher.of('page-started').flatMap((event) => (event.slot === slot ? event.page : [])),
  );
  expect([first?.[0], second?.[0]]).toEqual(['1.png', '8.png']);
  expect(second).toContain('6.png');
  expect(first).toContain('3.png');
});
