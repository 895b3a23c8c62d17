import { expect, test } from 'vitest';
import type { RunTool, ToolEnd } from '../../src/devices/run-tool.ts';
import type { CardNow } from '../../src/devices/sample.ts';
import type { Happening } from '../../src/model/events.ts';
import { sampleHere, sampleWhile } from '../../src/run/sample-while.ts';

const now = (index: number, used: number | undefined): CardNow => ({
  index,
  utilisation: 0.5,
  memory: used === undefined ? undefined : { total: 16e9, used },
});

/** Samples that answer with each of these in turn. */
function sampling(answers: readonly (readonly CardNow[] | undefined)[]) {
  const left = [...answers];
  const events: Happening[] = [];
  const { signal } = new AbortController();
  const over = sampleWhile(
    signal,
    {
      sample: async () => left.shift(),
      sampleMemory: (gpu, usedBytes) =>
        gpu === 0 ? { gpu, room: 16e9, held: usedBytes, reserved: 1, free: 0 } : undefined,
    },
    { everyMs: 1, emit: (event) => events.push(event) },
  );
  return { events, over };
}

test('cards are told of with the run’s share of their memory, also after a time without any', async () => {
  const { events, over } = sampling([[], [now(0, 2e9), now(1, 3e9), now(2, undefined)], undefined]);
  await over;
  const sample = { type: 'gpu-sampled', utilisation: 0.5 };
  expect(events).toEqual([
    { ...sample, gpu: 0, memoryUsedBytes: 2e9, heldBytes: 2e9, reservedBytes: 1 },
    { ...sample, gpu: 1, memoryUsedBytes: 3e9 },
  ]);
});

test('it stops when it is told to, also while it waits', async () => {
  const stop = new AbortController();
  let asked = 0;
  const sample = async (): Promise<readonly CardNow[]> => {
    asked += 1;
    return [];
  };
  const over = sampleWhile(stop.signal, { sample }, { everyMs: 3_600_000, emit: () => {} });
  stop.abort();
  await over;
  expect(asked).toBe(0);
});

test('a tool that is slow or fails for a moment is asked again, one that has no figures is not', async () => {
  const answers: ToolEnd[] = [];
  const run: RunTool = async () => answers.shift() ?? { by: 'timeout' };
  const gpus = [{ index: 0, vendor: 'nvidia', visibleAs: '0' }] as const;
  const sample = sampleHere({ gpus, gpuTool: 'nvidia-smi' }, {}, run);
  const { signal } = new AbortController();
  const exits = (stdout: string, code: number): ToolEnd => ({ by: 'exit', code, stdout, stderr: '' });
  const card = exits('0, GPU-1, Tesla T4, 100, 60, 5', 0);
  const lost = exits('Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.', 15);
  answers.push(card, lost, { by: 'timeout' }, card, lost, exits('0, GPU-1, NVIDIA GB10, [N/A], [N/A], 5', 0));
  const heard: number[] = [];
  for (let asked = 0; asked < 6; asked += 1)
    heard.push((await sample(signal))?.filter(({ memory }) => memory).length ?? -1);
  expect(heard).toEqual([1, 0, 0, 1, 0, 0]);
  expect(await sample(signal)).toBeUndefined();
});

test('memory of a card whose use nobody tells is heard all the same', async () => {
  const heard: number[] = [];
  const events: Happening[] = [];
  const answers = [[{ index: 0, utilisation: undefined, memory: { total: 16e9, used: 2e9 } }], undefined];
  const sampling = {
    sample: async () => answers.shift(),
    sampleMemory: (_: number, usedBytes: number) => {
      heard.push(usedBytes);
      return undefined;
    },
  };
  const { signal } = new AbortController();
  await sampleWhile(signal, sampling, { everyMs: 1, emit: (event) => events.push(event) });
  expect(heard).toEqual([2e9]);
  expect(events).toEqual([]);
});
