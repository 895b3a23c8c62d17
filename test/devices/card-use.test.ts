import { expect, test } from 'vitest';
import { cardUses, holderTexts, useOf } from '../../src/devices/card-use.ts';
import { parseComputeApps } from '../../src/devices/compute-apps.ts';
import { chooseGpus, noneIdle } from '../../src/devices/idle.ts';
import { nameIn } from '../../src/devices/process-owner.ts';
import type { RunTool } from '../../src/devices/run-tool.ts';
import type { Gpu } from '../../src/model/slot.ts';

const GIB = 1024 ** 3;
const card = (index: number, usedGib: number, totalGib = 16): Gpu => ({
  index,
  vendor: 'nvidia',
  uuid: `GPU-${index}`,
  name: 'Tesla T4',
  memoryTotalBytes: totalGib * GIB,
  memoryFreeBytes: (totalGib - usedGib) * GIB,
  visibleAs: String(index),
});
const says =
  (stdout: string, code = 0, stderr = ''): RunTool =>
  () =>
    Promise.resolve({ by: 'exit', code, stdout, stderr });

test.each([
  [
    'a process',
    'GPU-0, 4711, 2000, /usr/bin/python3',
    { pid: 4711, memoryBytes: 2_097_152_000, name: 'python3' },
  ],
  ['commas in its name', 'GPU-0, 4711, 2000, /opt/a, b/py, thon', { name: 'py, thon' }],
  ['Windows', 'GPU-0, 4711, [N/A], C:\\Apps\\python.exe', { pid: 4711, name: 'python.exe' }],
  ['a hidden one', 'GPU-0, 99, [N/A], [Not Found]', { pid: 99 }],
  [
    'another user’s',
    'GPU-0, [Insufficient Permissions], 300, [Insufficient Permissions]',
    { memoryBytes: 314_572_800 },
  ],
  ['a MIG device', 'MIG-1, 7, 10, python', { gpuUuid: 'MIG-1' }],
])('reads %s', (_what, line, expected) => {
  const { apps, otherLines } = parseComputeApps(`${line}\n`);
  expect(apps).toEqual([expect.objectContaining(expected)]);
  expect(Object.keys(expected).length).toBeLessThanOrEqual(Object.keys(apps[0] ?? {}).length);
  expect(otherLines).toEqual([]);
});

test('what the tool has no word for is missing, and a header is no process', () => {
  const { apps, otherLines } = parseComputeApps(
    'gpu_uuid, pid, used_gpu_memory [MiB], process_name\nGPU-0, [N/A], [N/A], [N/A]\nGPU-0, 7, 300 MiB, python3\n',
  );
  expect(apps).toEqual([
    { gpuUuid: 'GPU-0' },
    { gpuUuid: 'GPU-0', pid: 7, name: 'python3', memoryBytes: 314_572_800 },
  ]);
  expect(otherLines).toEqual([]);
});

test('what is no process is a complaint, and there is a bound on everything', () => {
  expect(parseComputeApps('No running processes found\n\n')).toEqual({ apps: [], otherLines: [] });
  expect(parseComputeApps('Unable to determine the device handle\n').otherLines).toHaveLength(1);
  const flood = parseComputeApps(`GPU-0, 1, 1, ${'x'.repeat(2000)}\n`.repeat(1500));
  expect(flood.apps.length).toBeLessThanOrEqual(1000);
  expect(flood.apps[0]?.name?.length).toBeLessThanOrEqual(100);
  for (const odd of ['-1', '1e9', '0', '99999999999', '4711x'])
    expect(parseComputeApps(`GPU-0, ${odd}, 5, p`).apps[0]).not.toHaveProperty('pid');
});

test('memory that no listed process has belongs to one that is not listed', () => {
  expect(useOf(card(0, 0.4), [])).toEqual({ holders: [] });
  expect(useOf(card(0, 3), [])).toEqual({ holders: [], hiddenBytes: 3 * GIB });
  const own = { pid: 1, name: 'python3', memoryBytes: 3 * GIB };
  expect(useOf(card(0, 3.5), [own])).toEqual({ holders: [own] });
  expect(useOf(card(0, 9), [own])).toEqual({ holders: [own], hiddenBytes: 6 * GIB });
  // Nobody can tell how much is whose.
  expect(useOf(card(0, 9), [{ pid: 1 }])).toEqual({ holders: [{ pid: 1 }] });
  // A large card's driver keeps more for itself.
  expect(useOf(card(0, 2, 180), [])).toEqual({ holders: [] });
  const { memoryFreeBytes: _, ...unknown } = card(0, 9);
  expect(useOf(unknown, [])).toEqual({ holders: [] });
});

test('who holds what, in words', () => {
  const holders = [{ pid: 4711, name: 'python3', user: 'alice', memoryBytes: 13.4e9 }, { memoryBytes: 5e8 }];
  expect(holderTexts({ holders, hiddenBytes: 2e9 })).toEqual([
    'python3 (pid 4711, alice) 13.4 GB',
    'a process 500 MB',
    'processes that are not listed here 2 GB',
  ]);
});

test('an owner is looked up for a process that has a number and a name', async () => {
  const asked: unknown[] = [];
  const run = says('GPU-0, 4711, 2000, /usr/bin/python3\nGPU-0, 12, 5, [Not Found]\n');
  const ownerOf = (...who: unknown[]) => Promise.resolve(asked.push(who) > 0 ? 'alice' : undefined);
  const { uses } = await cardUses({ gpus: [card(0, 2)], tool: 'nvidia-smi' }, { run, env: {}, ownerOf });
  expect(asked).toEqual([[4711, 'python3']]);
  expect(uses.get(0)?.holders.map(({ user }) => user)).toEqual(['alice', undefined]);
  expect(nameIn('root:x:0:0::\nalice:x:1000:1000::/home/alice:\n', 1000)).toBe('alice');
  expect(nameIn('root:x:0:0::\n', 1000)).toBe('uid 1000');
});

const choose = (gpus: readonly Gpu[], run: RunTool, { wanted = 'idle', env = {}, minFree = 4 } = {}) =>
  chooseGpus({
    wanted,
    minFreeBytes: minFree * GIB,
    detected: { gpus, unusable: [], tool: 'nvidia-smi', troubles: [] },
    env,
    run,
  });

test('idle takes the cards that nobody uses and that have room', async () => {
  const gpus = [card(0, 2), card(1, 0.1), card(2, 5), card(3, 0.2, 4), card(4, 0)];
  const chosen = await choose(gpus, says('GPU-0, 4711, 300, python3\n'));
  expect(chosen.by === 'chosen' && chosen.gpus.map(({ index }) => index)).toEqual([1, 4]);
  const visible = await choose(gpus, says(''), { env: { CUDA_VISIBLE_DEVICES: '2,4' }, wanted: ' IDLE ' });
  expect(visible.by === 'chosen' && visible.gpus.map(({ index }) => index)).toEqual([4]);
});

test('where none is idle each card has its reason', async () => {
  const mig = { index: 2, vendor: 'nvidia', uuid: 'MIG-7', visibleAs: 'MIG-7' } as const;
  const gpus = [card(0, 2), card(1, 0.2, 4), mig];
  const none = await choose(gpus, says('GPU-0, 4711, 2000, python3\n'));
  if (none.by !== 'none-idle') throw new Error('one was taken');
  const refusal = noneIdle(none.taken);
  expect(refusal.exitCode).toBe(3);
  expect(refusal.message).toBe(
    'no GPU is idle: GPU 0 (Tesla T4): python3 (pid 4711) 2.1 GB; GPU 1 (Tesla T4): only 4.08 GB free (--min-free 4.29 GB); GPU 2 (MIG-7): its processes are not known',
  );
});

test.each([
  [
    'fails',
    says('', 9, 'Failed to initialize NVML: Unknown Error\nmore\n'),
    'Failed to initialize NVML: Unknown Error',
  ],
  ['fails silently', says('', 15), 'exit code 15'],
  ['speaks of something else', says('Field "x" is not a valid field to query.\n', 2), 'Field "x" is not'],
  ['hangs', (() => Promise.resolve({ by: 'timeout' })) as RunTool, 'no answer in 10 s'],
])('a tool that %s: one line, and nothing is taken for idle', async (_what, run, words) => {
  const refused = choose([card(0, 0)], run);
  await expect(refused).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(words) });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('\n') });
});

test('no GPU at all is no card to wait for', async () => {
  await expect(choose([], says(''))).rejects.toMatchObject({
    message: expect.stringContaining('no GPU was found'),
  });
});
