import { expect, test } from 'vitest';
import type { Slot } from '../../../src/model/slot.ts';
import { nodeEnvironment, unsetVariables } from '../../../src/run/cluster/node-environment.ts';

const SLOT: Slot = { id: 'node2-gpu5-0', gpu: { index: 5, node: 'node2', vendor: 'amd', visibleAs: '1' } };
const env = { OPENAI_API_KEY: 'sk-x', HOME: '/home/me', OMP_NUM_THREADS: '3' };

test('a worker on a node has its slot, its share of the cores, and of the launcher’s variables those that are named', () => {
  expect(
    nodeEnvironment(SLOT, { cores: 32, workers: 4, env, passed: ['OPENAI_API_KEY', 'NOT_SET'] }),
  ).toEqual({
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    MGPU_GPU: '5',
    MGPU_SLOT: 'node2-gpu5-0',
    OMP_NUM_THREADS: '8',
    OPENAI_API_KEY: 'sk-x',
    PYTHONUNBUFFERED: '1',
  });
});

test('what is passed on goes over what is computed, but for the slot', () => {
  const passed = ['OMP_NUM_THREADS', 'MGPU_SLOT'];
  const set = nodeEnvironment(SLOT, { cores: 2, workers: 4, env: { ...env, MGPU_SLOT: 'x' }, passed });
  expect(set).toMatchObject({ OMP_NUM_THREADS: '3', MGPU_SLOT: 'node2-gpu5-0' });
});

test('a name that is not set here is told before the run', () => {
  expect(unsetVariables(['OPENAI_API_KEY', 'OPENAI_KEY', 'X'], env)).toEqual([
    '--pass-env OPENAI_KEY,X: not set here, so that workers on the nodes do not get it.',
  ]);
  expect(unsetVariables(['HOME'], env)).toEqual([]);
});
