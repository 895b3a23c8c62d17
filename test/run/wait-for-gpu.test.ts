import { expect, test } from 'vitest';
import type { ChosenGpus } from '../../src/devices/idle.ts';
import { cannotRun } from '../../src/model/refusal.ts';
import type { Gpu } from '../../src/model/slot.ts';
import { waitForGpu } from '../../src/run/wait-for-gpu.ts';

const gpu: Gpu = { index: 1, vendor: 'nvidia', name: 'Tesla T4', visibleAs: '1' };
const detected = { gpus: [gpu], unusable: [], troubles: [] };
const heldBy = (who: string): ChosenGpus => ({ by: 'none-idle', taken: [{ gpu, why: who }] });
const IDLE: ChosenGpus = { by: 'chosen', gpus: [gpu], cpu: false, notices: [] };

/** A world in which looks come out so, one after the other, and the last one for ever. */
function worldOf(looks: readonly (ChosenGpus | Error)[], setup: { waitMs: number; maxTimeMs?: number }) {
  let nowMs = 0;
  let at = 0;
  const told: string[] = [];
  const stop = new AbortController();
  const going = waitForGpu(
    () => {
      const chosen = looks[Math.min(at, looks.length - 1)];
      at += 1;
      // The first one takes long: a driver wakes up.
      if (at === 1) nowMs += 700;
      if (chosen === undefined || chosen instanceof Error) return Promise.reject(chosen);
      return Promise.resolve({ detected, chosen });
    },
    {
      maxTimeMs: 0,
      ...setup,
      signal: stop.signal,
      tell: (text) => told.push(text),
      outOfTime: () => {
        told.push(`out of time after ${nowMs}`);
        stop.abort();
      },
      nowMs: () => nowMs,
      sleep: (ms, signal) => {
        nowMs += ms;
        return signal?.aborted ? Promise.reject(new Error('stopped')) : Promise.resolve();
      },
    },
  );
  return { going, told, looks: () => at };
}

test('an idle card is taken immediately, and nothing is said', async () => {
  const { going, told } = worldOf([IDLE], { waitMs: 3_600_000 });
  expect(await going).toMatchObject({ waitedMs: 0, selected: { gpus: [gpu] } });
  expect(told).toEqual([]);
});

test('says what it waits for, again where that changes, and what it found', async () => {
  const looks = [heldBy('python3 2 GB'), heldBy('python3 2.5 GB'), heldBy('blender 1 GB'), IDLE];
  const { going, told } = worldOf(looks, { waitMs: 3_600_000 });
  expect(await going).toMatchObject({ waitedMs: 30_700 });
  expect(told).toEqual([
    'Waiting up to 1 h for an idle GPU. GPU 1 (Tesla T4): python3 2 GB.',
    'Still waiting for an idle GPU. GPU 1 (Tesla T4): blender 1 GB.',
    'Idle after 31 s: GPU 1 (Tesla T4).',
  ]);
});

test('without a wait, and at its end, it says who is in the way', async () => {
  const refused = { exitCode: 3, message: expect.stringMatching(/^no GPU is idle: GPU 1 .*python3/) };
  await expect(worldOf([heldBy('python3')], { waitMs: 0 }).going).rejects.toMatchObject(refused);
  const { going, looks } = worldOf([heldBy('python3')], { waitMs: 25_000 });
  await expect(going).rejects.toMatchObject({
    message: expect.stringContaining('no GPU is idle after 25 s'),
  });
  expect(looks()).toBe(4);
});

test('--max-time ends the wait', async () => {
  const { going, told } = worldOf([heldBy('python3')], { waitMs: 3_600_000, maxTimeMs: 15_000 });
  await expect(going).rejects.toThrow('stopped');
  expect(told.at(-1)).toBe('out of time after 15000');
});

test('a tool that fails for a while is asked again, unless it does from the start', async () => {
  const broken = cannotRun('nvidia-smi failed');
  const { going } = worldOf([heldBy('python3'), broken, IDLE], { waitMs: 60_000 });
  expect(await going).toMatchObject({ waitedMs: 20_700 });
  await expect(worldOf([broken, IDLE], { waitMs: 60_000 }).going).rejects.toBe(broken);
  const bug = new Error('a bug');
  await expect(worldOf([heldBy('p'), bug, IDLE], { waitMs: 60_000 }).going).rejects.toBe(bug);
});
