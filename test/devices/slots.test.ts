import { expect, test } from 'vitest';
import { makeSlots, workerEnvironment } from '../../src/devices/slots.ts';
import type { Gpu } from '../../src/model/slot.ts';
import { machineWith } from './recorded.ts';

const { gpus } = machineWith(2);

const environment = (gpu: Gpu | null, env: NodeJS.ProcessEnv = {}) => {
  const slots = makeSlots({ gpus: gpu ? [gpu] : [], cpu: gpu === null, workersPerGpu: 2 });
  const [, slot] = slots;
  if (!slot) throw new Error('two slots');
  return workerEnvironment({ slot, slots, env, cores: 7 });
};

test('slots go round the GPUs', () => {
  const ids = (cpu: boolean) =>
    makeSlots({ gpus: cpu ? [] : gpus, cpu, workersPerGpu: 2 }).map(({ id }) => id);
  expect(ids(false)).toEqual(['gpu0-0', 'gpu1-0', 'gpu0-1', 'gpu1-1']);
  expect(ids(true)).toEqual(['cpu-0', 'cpu-1']);
});

test('a worker sees its one device and its share of the cores', () => {
  expect(environment(gpus[1] ?? null, { CUDA_VISIBLE_DEVICES: '0,1' })).toEqual({
    CUDA_VISIBLE_DEVICES: '1',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    MGPU_GPU: '1',
    MGPU_SLOT: 'gpu1-1',
    PYTHONUNBUFFERED: '1',
    OMP_NUM_THREADS: '3',
  });
});

test('the user’s OMP_NUM_THREADS stays, and no share is below one', () => {
  expect(environment(null, { OMP_NUM_THREADS: '5' })).not.toHaveProperty('OMP_NUM_THREADS');
  const slots = makeSlots({ gpus, cpu: false, workersPerGpu: 4 });
  const [slot] = slots;
  if (!slot) throw new Error('eight slots');
  expect(workerEnvironment({ slot, slots, env: {}, cores: 2 })).toHaveProperty('OMP_NUM_THREADS', '1');
});

test('on the CPU no device is seen', () => {
  expect(environment(null)).toMatchObject({ CUDA_VISIBLE_DEVICES: '', MGPU_GPU: 'cpu', MGPU_SLOT: 'cpu-1' });
});

test('on AMD HIP sees the device too, within what ROCr lets through', () => {
  const amd = machineWith(4, 'amd').gpus[3] ?? null;
  expect(environment(amd)).toMatchObject({ CUDA_VISIBLE_DEVICES: '3', HIP_VISIBLE_DEVICES: '3' });
  expect(environment(amd, { ROCR_VISIBLE_DEVICES: '2,3' })).toMatchObject({
    ROCR_VISIBLE_DEVICES: '3',
    HIP_VISIBLE_DEVICES: '0',
    CUDA_VISIBLE_DEVICES: '0',
  });
});

test('a believed device overrides an inherited HIP list', () => {
  const believed: Gpu = { index: 1, vendor: 'unknown', visibleAs: '1' };
  expect(environment(believed)).not.toHaveProperty('HIP_VISIBLE_DEVICES');
  expect(environment(believed, { HIP_VISIBLE_DEVICES: '0,1' })).toMatchObject({ HIP_VISIBLE_DEVICES: '1' });
});
