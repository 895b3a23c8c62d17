import { expect, test } from 'vitest';
import type { ConfigFile } from '../../src/options/config-file.ts';
import type { GivenArguments } from '../../src/options/find-values.ts';
import { readRunOptions } from '../../src/options/read-options.ts';
import { refusalOf } from './refusal-of.ts';

const CWD = '/home/me/manga';
type Given = Partial<GivenArguments> & {
  env?: Record<string, string>;
  config?: Record<string, unknown>;
  folder?: string;
};

const read = ({ env = {}, config, folder = CWD, ...given }: Given) => {
  const configFile: ConfigFile | undefined = config && { file: 'my.json', folder, values: config };
  return readRunOptions({ given: { inputs: ['in'], flags: {}, ...given }, env, cwd: CWD, configFile });
};

test('gives the defaults of the design', () => {
  expect(read({}).options).toEqual({
    inputs: ['in'],
    nulSeparated: false,
    engine: 'local',
    passEnv: [],
    html: true,
    gpus: 'auto',
    gpuWaitMs: 0,
    minFreeBytes: 4_000_000_000,
    workersPerGpu: 1,
    warm: true,
    include: [],
    exclude: [],
    retries: 2,
    pageTimeoutMs: 900_000,
    startTimeoutMs: 1_800_000,
    strategy: 'auto',
    maxTimeMs: 0,
    serviceWaitMs: 1_800_000,
    stage: 'auto',
    stageSizeBytes: 1_000_000_000,
    order: 'natural',
    archives: 'pack',
    onFailed: 'leave',
    link: 'auto',
    logLevel: 'warn',
    translatorArgs: [],
  });
});

test('a flag wins over a variable, this over the config file, that over the default', () => {
  const config = { retries: 7, gpus: [0, 1], order: 'largest' };
  const env = { MGPU_RETRIES: '5', MGPU_GPUS: '2' };
  const { options, origins } = read({ flags: { retries: '3' }, env, config });
  expect(options).toMatchObject({ retries: 3, gpus: '2', order: 'largest', link: 'auto' });
  expect(origins).toMatchObject({
    retries: { value: '3', from: 'flag' },
    gpus: { value: '2', from: 'env MGPU_GPUS' },
    order: { value: 'largest', from: 'config my.json' },
    link: { value: 'auto', from: 'default' },
  });
});

test("an option's own words are understood in any case, wherever they are given; other text stays as it is", () => {
  const flags = {
    workersPerGpu: 'AUTO',
    gpus: 'CPU',
    strategy: 'Dynamic',
    maxTime: 'OFF',
    html: 'Off',
    stage: 'On',
  };
  const { options } = read({ flags, env: { MGPU_ORDER: 'LARGEST' }, config: { archives: 'Folder' } });
  expect(options).toMatchObject({ workersPerGpu: 'auto', strategy: 'dynamic', maxTimeMs: 0, html: false });
  expect(options).toMatchObject({ stage: 'on', order: 'largest', archives: 'folder' });
  const env = { JOB_COMPLETION_INDEX: '0' };
  const large = { gpuMemory: 'OFF', part: 'AUTO/4', pageTimeout: '90S', stageSize: '1gb' };
  const small = { gpuMemory: 'off', part: 'auto/4', pageTimeout: '90s', stageSize: '1GB' };
  expect(read({ flags: large, env }).options).toEqual(read({ flags: small, env }).options);
  const { options: others } = read({ flags: { output: 'OUT', translator: 'DEMO', command: 'OFF' } });
  expect(others).toMatchObject({ output: 'OUT', translator: 'DEMO', command: 'OFF' });
});

test.each<[Given, string]>([
  [
    { flags: { strategy: 'evn' } },
    '--strategy evn: no such strategy; did you mean even? (auto, even, balanced, dynamic, vram)',
  ],
  [{ flags: { pageTimeout: '5' } }, '--page-timeout 5: a duration needs a unit: 5s, 5m, 5h'],
  [{ flags: { maxTime: '-5m' } }, "--max-time -5m: a duration can't be negative"],
  [
    { flags: { startTimeout: 'abc' } },
    '--start-timeout abc: not a duration; use 90s, 10m, 1.5h, 8h30m, or 0 for no limit',
  ],
  [{ flags: { maxTime: '60d' } }, '--max-time 60d: at most 24d; 0 means no limit'],
  [{ flags: { retries: 'two' } }, '--retries two: must be a whole number, at least 0'],
  [
    { flags: { workersPerGpu: 'many' } },
    '--workers-per-gpu many: must be a whole number, at least 1, or auto',
  ],
  [
    { config: { workersPerGpu: 0 } },
    'my.json: workersPerGpu is 0: must be a whole number, at least 1, or auto',
  ],
  [
    { flags: { workersPerGpu: 'auto', strategy: 'even' } },
    "--workers-per-gpu auto and --strategy even can't be combined: pages are dealt to a fixed number of workers",
  ],
  [
    { env: { MGPU_WORKERS_PER_GPU: 'auto' }, config: { strategy: 'balanced' } },
    "--workers-per-gpu auto and --strategy balanced can't be combined: pages are dealt to a fixed number of workers",
  ],
  [
    { flags: { workersPerGpu: 'auto', strategy: 'vram' } },
    "--workers-per-gpu auto and --strategy vram can't be combined: pages are dealt to a fixed number of workers",
  ],
  [
    { flags: { engine: 'ray:[::1]:99999' } },
    '--engine ray:[::1]:99999: no port has the number 99999: they end at 65535',
  ],
  [{ flags: { engine: 'ray:a:0' } }, '--engine ray:a:0: no port has the number 0: they end at 65535'],
  [{ flags: { engine: 'rya' } }, '--engine rya: must be local, ray, or ray:HOST:PORT'],
  [
    { flags: { engine: 'ray:10.0.0.1' } },
    '--engine ray:10.0.0.1: not an address: ray:HOST:PORT, as `ray start --head` prints it',
  ],
  [
    { flags: { engine: 'ray://10.0.0.1:10001' } },
    "--engine ray://10.0.0.1:10001: Ray's client (ray://) is not supported: start the run on a machine of the cluster with ray or ray:HOST:PORT, or use --part on each machine",
  ],
  [
    { flags: { engine: 'ray', gpus: '0,1' } },
    "--engine ray and --gpus 0,1 can't be combined: Ray says which GPUs are free",
  ],
  [
    { env: { MGPU_ENGINE: 'ray:[fd00::1]:6379' }, flags: { strategy: 'even' } },
    "--engine ray and --strategy even can't be combined: GPUs join as they become free",
  ],
  [{ flags: { passEnv: 'A,B-C' } }, '--pass-env A,B-C: must be names of variables: A,B'],
  [{ flags: { limit: '0' } }, '--limit 0: must be a whole number, at least 1, or off'],
  [{ flags: { maxWorkerMemory: '12' } }, '--max-worker-memory 12: a size needs a unit: 12MB, 12GB, 12GiB'],
  [{ flags: { part: '5/4' } }, '--part 5/4: parts are numbered from 1 to 4'],
  [{ flags: { output: '' } }, '--output "": is empty'],
  [{ flags: { include: ['a', ''] } }, '--include "": is empty'],
  [{ flags: { warm: 'maybe' } }, '--warm maybe: must be on or off'],
  [{ env: { MGPU_PAGE_TIMEOUT: '5' } }, 'MGPU_PAGE_TIMEOUT=5: a duration needs a unit: 5s, 5m, 5h'],
  [
    { config: { pageTimeout: true } },
    'my.json: pageTimeout is true: not a duration; use 90s, 10m, 1.5h, 8h30m, or 0 for no limit',
  ],
  [{ config: { translatorArgs: ['a', 5] } }, 'my.json: translatorArgs[1] is …: must be a string'],
  [{ config: { strategy: 3 } }, 'my.json: strategy is 3: must be one of auto, even, balanced, dynamic, vram'],
  [{ config: { pageTimeuot: '5m' } }, 'my.json: pageTimeuot: no such option; did you mean pageTimeout?'],
  [{ config: { retry: 3 } }, 'my.json: retry: no such option; did you mean retries?'],
  [{ config: { outputDir: 'x' } }, 'my.json: outputDir: no such option; did you mean output?'],
  [{ config: { num_workers: 2 } }, 'my.json: num_workers: no such option; did you mean workersPerGpu?'],
  [{ config: { 'page-timeout': '5m' } }, 'my.json: page-timeout: no such option; did you mean pageTimeout?'],
  [{ config: { json: true } }, 'my.json: json: no such option'],
  [{ inputs: [] }, 'no input: give the folder that holds the pages'],
  [{ flags: { json: true, quiet: true } }, "--json and --quiet can't be combined: use one of them"],
  [
    { flags: { json: true, reporter: 'plain' } },
    "--json and --reporter plain can't be combined: use one of them",
  ],
])('refuses %j in one clear line', async (given, line) => {
  const refusal = await refusalOf(() => read(given));
  expect(refusal.message).toBe(line);
  expect(refusal.exitCode).toBe(2);
});

test('what stands after -- replaces the arguments of the config file', () => {
  const config = { translatorArgs: ['--a'] };
  expect(read({ config }).options.translatorArgs).toEqual(['--a']);
  expect(read({ config, translatorArgs: [] }).options.translatorArgs).toEqual([]);
  expect(read({ config, translatorArgs: ['--output', 'x'] }).options.translatorArgs).toEqual([
    '--output',
    'x',
  ]);
});

test('paths of a config file start at its folder, names stay', () => {
  const config = {
    input: 'pages',
    output: '/abs',
    translator: 'tools/translate.py',
    python: 'python3',
    work: 'w',
  };
  const { options } = read({ inputs: [], config, folder: '/home/me' });
  expect(options).toMatchObject({
    inputs: ['../pages'],
    output: '/abs',
    translator: '../tools/translate.py',
    python: 'python3',
    work: '../w',
  });
  expect(read({ config: { translator: 'demo' }, folder: '/home/me' }).options.translator).toBe('demo');
  expect(read({ config: { translator: 'real-esrgan:R' }, folder: '/home/me' }).options.translator).toBe(
    'real-esrgan:../R',
  );
  expect(read({ config: { translator: 'worker:w.py' }, folder: '/home/me' }).options.translator).toBe(
    'worker:../w.py',
  );
});

test('~ in paths is the home folder, as a shell has it', () => {
  const config = {
    input: ['~/manga', '~', 'p/~/q', '~me/manga'],
    translator: 'worker:~/w.py',
    command: '~/bin/tr {input}',
    translatorArgs: ['~/c.json'],
  };
  const env = { MGPU_OUTPUT: '~/out', MGPU_PYTHON: '~/venv/bin/python', MGPU_INCLUDE: '~/*.png' };
  const given = { inputs: [], flags: { work: '~/w' } };
  const configFile = { file: 'my.json', folder: '/etc', values: config };
  const asked = { given, env, cwd: '/etc', configFile };
  expect(readRunOptions({ ...asked, home: '/home/me' }).options).toMatchObject({
    inputs: ['/home/me/manga', '/home/me', 'p/~/q', '~me/manga'],
    translator: 'worker:/home/me/w.py',
    output: '/home/me/out',
    python: '/home/me/venv/bin/python',
    // Quoted, or behind a `=`: no shell has had its say on it.
    work: '/home/me/w',
    // What is no path.
    command: '~/bin/tr {input}',
    translatorArgs: ['~/c.json'],
    include: ['~/*.png'],
  });
  expect(readRunOptions(asked).options).toMatchObject({ inputs: config.input, output: '~/out' });
});

test('inputs on the command line replace a list of files in the config file', () => {
  expect(read({ config: { filesFrom: 'list' } }).options).not.toHaveProperty('filesFrom');
  const both = read({ inputs: [], flags: { filesFrom: '-' }, config: { input: 'pages' } }).options;
  expect(both).toMatchObject({ inputs: [], filesFrom: '-' });
});

test('lists in variables are parted at commas outside braces', () => {
  const { options } = read({ env: { MGPU_INCLUDE: 'a/*.{png,jpg},b/**', MGPU_WARM: 'off', MGPU_LIMIT: '' } });
  expect(options).toMatchObject({ include: ['a/*.{png,jpg}', 'b/**'], warm: false });
});

test('warns of unknown variables by name alone, not of those that workers get or that the Python package reads', () => {
  const env = {
    MGPU_RETRYS: 'secret',
    MGPU_NUM_WORKERS: '2',
    MGPU_GPU: '0',
    MGPU_SLOT: 'gpu0-0',
    MGPU_DEBUG: '1',
    MGPU_NODE: '/node',
  };
  expect(read({ env }).notices).toEqual([
    'MGPU_RETRYS: no such variable, so it has no effect; did you mean MGPU_RETRIES?',
    'MGPU_NUM_WORKERS: no such variable, so it has no effect; did you mean MGPU_WORKERS_PER_GPU?',
  ]);
});

test('--json and --quiet choose the reporter over a variable', () => {
  const env = { MGPU_REPORTER: 'plain' };
  expect(read({ env }).reporting).toMatchObject({ reporter: 'plain', quiet: false });
  expect(read({ env, flags: { json: true } }).reporting.reporter).toBe('json');
  expect(read({ env, flags: { quiet: true } }).reporting).toMatchObject({ reporter: 'none', quiet: true });
});

test('a part is taken from the platform where it was asked for, and only then', async () => {
  const env = { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '8', SLURM_ARRAY_TASK_MIN: '0' };
  expect(read({ env }).options).not.toHaveProperty('part');
  const { options, origins } = read({ env, flags: { part: 'auto' } });
  expect(options.part).toEqual({ index: 4, of: 8 });
  expect(origins).toHaveProperty('part', { value: 'auto (4/8)', from: 'flag' });
  expect((await refusalOf(() => read({ flags: { part: 'auto' } }))).message).toContain(
    '--part auto: neither a Slurm',
  );
});

test.each([
  ['~bob/out', /only ~\/ means a home folder/],
  ['D:\\out', /in WSL it is \/mnt\/d\/out/],
])('a folder %s is not made', (folder, message) => {
  for (const key of ['output', 'work'])
    expect(() => read({ flags: { [key]: folder } })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
});
