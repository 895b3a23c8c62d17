import { expect, test } from 'vitest';
import { detectGpus } from '../../src/devices/detect.ts';
import { exits, recorded, tools } from './recorded.ts';

test('one process lists the cards of a usual machine', async () => {
  const calls: string[] = [];
  const run = tools({ 'nvidia-smi': exits(recorded('nvidia-t4x2.csv')) }, calls);
  const detected = await detectGpus({ run, env: {} });
  expect(detected).toMatchObject({ tool: 'nvidia-smi', gpus: [{ index: 0 }, { index: 1 }], troubles: [] });
  expect(calls).toHaveLength(1);
});

test('asks a driver that knows no MIG again without it', async () => {
  const run = tools({
    'mig.mode.current': exits(recorded('nvidia-old-driver.txt'), 2),
    'nvidia-smi': exits(recorded('nvidia-old-driver.csv')),
  });
  const detected = await detectGpus({ run, env: {} });
  expect(detected.gpus.map((gpu) => gpu.name)).toEqual(['GeForce GTX 1080 Ti', 'GeForce GTX 1080 Ti']);
});

test('lists MIG devices where a card is in MIG mode', async () => {
  const run = tools({
    'nvidia-smi -L': exits(recorded('nvidia-mig-list.txt')),
    'nvidia-smi': exits(recorded('nvidia-mig.csv')),
  });
  const detected = await detectGpus({ run, env: {} });
  expect(detected.gpus.map((gpu) => gpu.index)).toEqual([1, 2, 3]);
  expect(detected.unusable).toHaveLength(1);
});

test('turns to amd-smi, then to rocm-smi', async () => {
  const amd = await detectGpus({
    env: {},
    run: tools({
      'amd-smi list': exits(recorded('amd-smi-list.txt')),
      'amd-smi static': exits(recorded('amd-smi-static.txt')),
      'amd-smi metric': { by: 'timeout' },
    }),
  });
  expect(amd).toMatchObject({ tool: 'amd-smi', gpus: [{ vendor: 'amd' }] });
  expect(amd.troubles).toEqual(['nvidia-smi: not installed', 'amd-smi: gave no answer in 10 s']);
  const rocm = await detectGpus({
    run: tools({ 'rocm-smi': exits(recorded('rocm-smi-mi100.txt')) }),
    env: {},
  });
  expect(rocm).toMatchObject({ tool: 'rocm-smi', gpus: [{ index: 0 }, { index: 1 }] });
});

test('says what each tool’s trouble was', async () => {
  const trouble = async (end: ReturnType<typeof exits> | { by: 'timeout' }) =>
    (await detectGpus({ run: tools({ 'nvidia-smi': end }), env: {} })).troubles[0];
  expect(await trouble(exits(recorded('nvidia-driver-error.txt'), 9))).toBe(
    "nvidia-smi: failed: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  );
  expect(await trouble(exits(recorded('nvidia-no-devices.txt'), 6))).toBe(
    'nvidia-smi: failed: No devices were found',
  );
  expect(await trouble({ by: 'timeout' })).toBe('nvidia-smi: gave no answer in 10 s');
  expect(await trouble(exits(''))).toBe('nvidia-smi: lists no GPU');
  const none = await detectGpus({ run: tools({}), env: {} });
  expect(none).toEqual({
    gpus: [],
    unusable: [],
    troubles: ['nvidia-smi: not installed', 'amd-smi: not installed', 'rocm-smi: not installed'],
  });
});

test("a tool's complaint is told without secrets, which are taken out before it is cut", async () => {
  const complaint = `${'x'.repeat(300)} secret-value ${'y'.repeat(1000)}`;
  const run = tools({ 'nvidia-smi': exits(complaint, 9) });
  const redact = (text: string): string => text.replaceAll('secret-value', '[redacted]');
  const { troubles } = await detectGpus({ run, env: {}, redact });
  expect(troubles[0]).toMatch(/^nvidia-smi: failed: x{300} \[/);
  expect(troubles[0]).not.toContain('secret');
  expect(troubles[0]?.length).toBeLessThan(400);
});
