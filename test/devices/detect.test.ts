import { expect, test } from 'vitest';
import { detectGpus } from '../../src/devices/detect.ts';
import type { RunTool } from '../../src/devices/run-tool.ts';
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

const LOST = 'Unable to determine the device handle for GPU0: 0000:04:00.0: Unknown Error';
const SECOND = '1, GPU-480f4356-0daa-09e0-8f20-cc73a9bbc155, Tesla T4, 15360, 14912, 0, [N/A]';

test.each([
  ['on stdout', exits(`${LOST}\n${SECOND}\n`, 255)],
  ['on stderr', exits(`${SECOND}\n`, 255, `${LOST}\n`)],
  ['on stderr, and calls it a success', exits(`${SECOND}\n`, 0, `${LOST}\n`)],
])('a tool complains of a lost card %s: passed on, and the others are used by their UUID', async (_, end) => {
  const detected = await detectGpus({ run: tools({ 'nvidia-smi': end }), env: {} });
  expect(detected.gpus).toMatchObject([{ index: 1, visibleAs: 'GPU-480f4356-0daa-09e0-8f20-cc73a9bbc155' }]);
  expect(detected.troubles).toEqual([`nvidia-smi: ${LOST} (a card that is lost needs a reboot)`]);
});

test('a tool that lists none because of a lost card is asked card by card', async () => {
  const calls: string[] = [];
  const answers = {
    '--id=0': exits(`${LOST}\n`, 255),
    '--id=1': exits(`${SECOND}\n`),
    '--id=': exits('No devices were found\n', 6),
    'nvidia-smi': exits(`${LOST}\n`, 255),
  };
  const detected = await detectGpus({ run: tools(answers, calls), env: {} });
  expect(detected.gpus.map(({ index }) => index)).toEqual([1]);
  expect(detected.troubles).toEqual([`nvidia-smi: ${LOST} (a card that is lost needs a reboot)`]);
  expect(calls).toHaveLength(4);
});

test('a machine whose only card is lost is not asked again and again', async () => {
  const calls: string[] = [];
  const run = tools({ 'nvidia-smi': exits(`${LOST}\n`, 255) }, calls);
  const detected = await detectGpus({ run, env: {} });
  expect(detected.gpus).toEqual([]);
  expect(detected.troubles[0]).toBe(`nvidia-smi: failed: ${LOST} (a card that is lost needs a reboot)`);
  expect(calls.filter((line) => line.startsWith('nvidia-smi'))).toHaveLength(3);
});

test('a driver that does not fit its library: what it says first, and what to do', async () => {
  const said = 'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.161\n';
  const { troubles } = await detectGpus({ run: tools({ 'nvidia-smi': exits(said, 18) }), env: {} });
  expect(troubles[0]).toMatch(
    /^nvidia-smi: failed: Failed to initialize NVML: .* mismatch; NVML .*: reboot\)$/,
  );
});

test.each([
  ['Failed to initialize NVML: Unknown Error', /restarted\)$/],
  ['Failed to initialize NVML: Insufficient Permissions', /this user may not open \/dev\/nvidiactl/],
  ['Failed to initialize NVML: GPU access blocked by the operating system', /wsl --shutdown\)$/],
  ['No devices were found', /^nvidia-smi: failed: No devices were found$/],
])('%s: told with what to do, where that is known', async (said, advice) => {
  const { troubles } = await detectGpus({ run: tools({ 'nvidia-smi': exits(`${said}\n`, 6) }), env: {} });
  expect(troubles[0]).toContain(said);
  expect(troubles[0]).toMatch(advice);
});

test.each([
  [15, 'ended with exit code 15', 'failed: exit code 15'],
  [null, 'ended by a signal', 'failed: ended by a signal'],
])('an exit code (%j) that nothing explains is told', async (code, beside, alone) => {
  const detected = await detectGpus({ run: tools({ 'nvidia-smi': exits(SECOND, code) }), env: {} });
  expect(detected.gpus).toHaveLength(1);
  expect(detected.troubles).toEqual([`nvidia-smi: ${beside}`]);
  const none = await detectGpus({ run: tools({ 'nvidia-smi': exits('', code) }), env: {} });
  expect(none.troubles[0]).toBe(`nvidia-smi: ${alone}`);
});

test('tools are looked for where WSL, Kubernetes and ROCm put them', async () => {
  const folders = new Map<string, readonly string[] | undefined>();
  const run: RunTool = async ({ command, alsoIn }) => {
    folders.set(command, alsoIn);
    return { by: 'missing' };
  };
  await detectGpus({ run, env: {} });
  expect(Object.fromEntries(folders)).toEqual({
    'nvidia-smi': ['/usr/lib/wsl/lib', '/usr/local/nvidia/bin'],
    'amd-smi': ['/opt/rocm/bin'],
    'rocm-smi': ['/opt/rocm/bin'],
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
