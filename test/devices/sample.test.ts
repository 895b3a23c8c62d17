import { expect, test } from 'vitest';
import type { GpuTool } from '../../src/devices/gpu-tools.ts';
import type { RunTool, ToolEnd } from '../../src/devices/run-tool.ts';
import { sampleGpus } from '../../src/devices/sample.ts';
import type { Happening } from '../../src/model/events.ts';
import type { Gpu } from '../../src/model/slot.ts';
import { exits, recorded } from './recorded.ts';

const MIB = 1024 * 1024;

/** Samples until the answers are used up: the tool then isn't there any more. */
async function samples(tool: GpuTool, indices: readonly number[], answers: readonly ToolEnd[]) {
  const happenings: Happening[] = [];
  const left = [...answers];
  const run: RunTool = async () => left.shift() ?? { by: 'missing' };
  const gpus = indices.map((index): Gpu => ({ index, vendor: 'unknown', visibleAs: String(index) }));
  const { signal } = new AbortController();
  await sampleGpus({ gpus, tool, run, env: {}, everyMs: 1, emit: (each) => happenings.push(each), signal });
  return happenings;
}

test('tells use and memory of the chosen GPUs until the tool fails', async () => {
  const answer = exits(recorded('nvidia-old-driver.csv'));
  const happenings = await samples('nvidia-smi', [1], [answer, answer, exits('', 9)]);
  const sample = { type: 'gpu-sampled', gpu: 1, utilisation: 1, memoryUsedBytes: (11178 - 320) * MIB };
  expect(happenings).toEqual([sample, sample]);
});

test('a lost card does not end the figures of the others', async () => {
  const answer = exits(
    '1, GPU-2, Tesla T4, 15360, 14912, 50\n',
    255,
    'Unable to determine the device handle',
  );
  expect(await samples('nvidia-smi', [0, 1], [answer, answer])).toHaveLength(2);
});

test('samples AMD cards through either tool', async () => {
  expect(await samples('amd-smi', [0], [exits(recorded('amd-smi-metric.txt'))])).toEqual([
    { type: 'gpu-sampled', gpu: 0, utilisation: 0.01, memoryUsedBytes: 202 * MIB },
  ]);
  expect(await samples('rocm-smi', [1], [exits(recorded('rocm-smi-mi100.txt'))])).toEqual([
    { type: 'gpu-sampled', gpu: 1, utilisation: 0, memoryUsedBytes: 6750208 },
  ]);
});

test('a GPU without figures is not sampled', async () => {
  const text = '0, GPU-1, NVIDIA GB10, [N/A], [N/A], 5\n';
  expect(await samples('nvidia-smi', [0], [exits(text), exits(text)])).toEqual([]);
});

test('stops when it is told to, also while it waits', async () => {
  const stop = new AbortController();
  let told = 0;
  await sampleGpus({
    gpus: [{ index: 0, vendor: 'nvidia', visibleAs: '0' }],
    tool: 'nvidia-smi',
    run: async () => exits(recorded('nvidia-old-driver.csv')),
    env: {},
    everyMs: 3_600_000,
    emit: () => {
      told += 1;
      setImmediate(() => stop.abort());
    },
    signal: stop.signal,
  });
  expect(told).toBe(1);
});
