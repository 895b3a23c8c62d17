import { expect, test } from 'vitest';
import type { DetectedGpus } from '../../src/devices/detect.ts';
import { selectGpus } from '../../src/devices/select.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { detectedNvidia, machineWith, nothingDetected } from './recorded.ts';

const chosen = (wanted: string, detected: DetectedGpus, env: NodeJS.ProcessEnv = {}) =>
  selectGpus({ wanted, detected, env }).gpus.map((gpu) => gpu.index);

function refusal(wanted: string, detected: DetectedGpus, env: NodeJS.ProcessEnv = {}): Refusal {
  try {
    selectGpus({ wanted, detected, env });
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`--gpus ${wanted} was taken`);
}

test.each([
  ['0,1', [0, 1]],
  [' 2 , 0 ', [2, 0]],
  ['0-2', [0, 1, 2]],
  ['3,0-1', [3, 0, 1]],
  ['1 - 2', [1, 2]],
  ['GPU-3aaa', [3]],
  ['0,gpu-1AAAAAAA-0000-0000-0000-000000000001', [0, 1]],
  ['auto', [0, 1, 2, 3]],
  ['ALL', [0, 1, 2, 3]],
])('--gpus %j takes %j', (wanted, expected) => {
  expect(chosen(wanted, machineWith(4))).toEqual(expected);
});

test('cpu takes no GPU, also where there are some', () => {
  expect(selectGpus({ wanted: 'cpu', detected: machineWith(2), env: {} })).toEqual({
    gpus: [],
    cpu: true,
    notices: [],
  });
});

test.each([
  ['', 'one entry is empty'],
  ['0,', 'one entry is empty'],
  ['zero', '"zero" is not a GPU'],
  ['cuda:0', '"cuda:0" is not a GPU'],
  ['-1', '"-1" is not a GPU'],
  ['0,cpu', "cpu can't be combined with others"],
  ['3-1', 'a range goes from low to high'],
  ['0-99999999', 'no machine has a GPU 99999999'],
  ['9', '--gpus 9: no such GPU'],
  ['GPU-ffff', 'no such GPU'],
  ['0,0', 'GPU 0 is named twice'],
  ['0,GPU-0aaa', 'named twice'],
])('--gpus %j is wrong usage: %s', (wanted, message) => {
  const { exitCode, message: text, hint } = refusal(wanted, machineWith(2));
  expect(exitCode).toBe(2);
  expect(text).toContain(message);
  expect(text.split('\n')).toHaveLength(1);
  if (!wanted.startsWith('0-9')) expect(hint).toBeTruthy();
});

test('lists what there is, and what naming twice may have meant', () => {
  expect(refusal('9', machineWith(2)).hint).toBe('there are: 0 (Tesla T4), 1 (Tesla T4)');
  expect(refusal('1,1', machineWith(2)).hint).toBe('--workers-per-gpu 2 puts two workers on one GPU');
});

test('a prefix of two UUIDs names both', () => {
  const [one, two] = machineWith(2).gpus;
  if (!one || !two) throw new Error('two cards');
  const twins = { ...machineWith(2), gpus: [one, { ...two, uuid: 'GPU-0aaaaaaa-1' }] };
  expect(refusal('GPU-0aaa', twins).hint).toContain('GPU-0aaaaaaa-1');
});

test('the parent’s list limits auto and hides the others by name', () => {
  const env = { CUDA_VISIBLE_DEVICES: '2,3' };
  expect(chosen('auto', machineWith(4), env)).toEqual([2, 3]);
  expect(chosen('3', machineWith(4), env)).toEqual([3]);
  const hidden = refusal('0', machineWith(4), env);
  expect(hidden).toMatchObject({ exitCode: 2, hint: 'there are: 2 (Tesla T4), 3 (Tesla T4)' });
  expect(hidden.message).toContain('CUDA_VISIBLE_DEVICES=2,3');
  expect(refusal('auto', machineWith(2), { CUDA_VISIBLE_DEVICES: '' })).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('CUDA_VISIBLE_DEVICES= hides all'),
  });
});

test('no GPU for auto: what the tools said, and two ways on', () => {
  const none = refusal('auto', nothingDetected);
  expect(none.exitCode).toBe(3);
  expect(none.message).toContain('nvidia-smi: not installed');
  expect(none.hint).toContain('--gpus cpu');
  expect(none.hint).toContain('--gpus 0,1');
});

test('a list is believed where nothing can list GPUs', () => {
  const { gpus, notices } = selectGpus({ wanted: '0,2-3,GPU-8932f937', detected: nothingDetected, env: {} });
  expect(gpus.map(({ index, vendor, visibleAs }) => [index, vendor, visibleAs])).toEqual([
    [0, 'unknown', '0'],
    [2, 'unknown', '2'],
    [3, 'unknown', '3'],
    [4, 'unknown', 'GPU-8932f937'],
  ]);
  expect(notices).toHaveLength(1);
  expect(refusal('1,1', nothingDetected).message).toContain('named twice');
});

test('a card in MIG mode gives the UUIDs to take instead', () => {
  const mig = detectedNvidia('nvidia-mig.csv', 'nvidia-mig-list.txt');
  const whole = refusal('0', mig);
  expect(whole.exitCode).toBe(2);
  expect(whole.message).toContain('MIG mode');
  expect(whole.hint).toContain('MIG-7d8b2e8d-57ea-5fe3-83bc-2026e5cb10fb');
  expect(chosen('MIG-7d8b2e8d', mig)).toEqual([3]);
  expect(chosen('auto', mig)).toEqual([1, 2, 3]);
});

test('a card that is nearly full gets a warning, one that requires a reset is refused', () => {
  const detected = detectedNvidia('nvidia-needs-reset.csv');
  expect(selectGpus({ wanted: 'auto', detected, env: {} }).notices).toEqual([
    'GPU 0 (NVIDIA H100 PCIe) is not used: the driver reports that it needs a reset.',
    'GPU 1 (NVIDIA H100 PCIe): 99 % of its memory is already in use.',
  ]);
  expect(refusal('0', detected).message).toContain('needs a reset');
});

test('what the tool complained of is a notice where it was to find the cards, and explains one that is not there', () => {
  const troubles = ['nvidia-smi: Unable to determine the device handle for GPU0'];
  const detected = { ...machineWith(2), troubles: [...troubles, 'amd-smi: not installed'] };
  expect(selectGpus({ wanted: 'auto', detected, env: {} }).notices).toEqual(troubles);
  expect(selectGpus({ wanted: '0,1', detected, env: {} }).notices).toEqual([]);
  expect(refusal('2', detected).message).toBe(`--gpus 2: no such GPU (${troubles[0]})`);
});
