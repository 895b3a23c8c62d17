import { expect, test } from 'vitest';
import type { GpuTool } from '../../src/devices/gpu-tools.ts';
import type { RunTool, ToolEnd } from '../../src/devices/run-tool.ts';
import { readGpus } from '../../src/devices/sample.ts';
import type { Gpu } from '../../src/model/slot.ts';
import { exits, recorded } from './recorded.ts';

const MIB = 1024 * 1024;

/** What is read with each of the answers. */
async function samples(tool: GpuTool, indices: readonly number[], answers: readonly ToolEnd[]) {
  const left = [...answers];
  const run: RunTool = async () => left.shift() ?? { by: 'missing' };
  const gpus = indices.map((index): Gpu => ({ index, vendor: 'unknown', visibleAs: String(index) }));
  const { signal } = new AbortController();
  const seen = [];
  for (const _ of answers) seen.push(...(await readGpus({ gpus, tool, run, env: {}, signal })));
  return seen;
}

test('tells use and memory of the chosen GPUs, and nothing where the tool fails', async () => {
  const answer = exits(recorded('nvidia-old-driver.csv'));
  const seen = await samples('nvidia-smi', [1], [answer, answer, exits('', 9)]);
  const memory = { total: 11178 * MIB, used: (11178 - 320) * MIB };
  const sample = { index: 1, utilisation: 1, memory };
  expect(seen).toEqual([sample, sample]);
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
  expect(await samples('amd-smi', [0], [exits(recorded('amd-smi-metric.txt'))])).toMatchObject([
    { index: 0, utilisation: 0.01, memory: { used: 202 * MIB } },
  ]);
  expect(await samples('rocm-smi', [1], [exits(recorded('rocm-smi-mi100.txt'))])).toMatchObject([
    { index: 1, utilisation: 0, memory: { used: 6750208 } },
  ]);
});

test('a GPU without figures has none', async () => {
  const text = '0, GPU-1, NVIDIA GB10, [N/A], [N/A], 5\n';
  expect(await samples('nvidia-smi', [0], [exits(text), exits(text)])).toMatchObject([
    { memory: undefined },
    { memory: undefined },
  ]);
});
