import { expect, test } from 'vitest';
import type { CardNow } from '../../src/devices/sample.ts';
import type { Happening } from '../../src/model/events.ts';
import { sampleWhile } from '../../src/run/sample-while.ts';

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
