import { expect, test } from 'vitest';
import type { DetectedGpus } from '../../src/devices/detect.ts';
import { visibleGpus } from '../../src/devices/visible.ts';
import { detectedNvidia, machineWith } from './recorded.ts';

const seen = (detected: DetectedGpus, env: NodeJS.ProcessEnv) =>
  visibleGpus(detected, env).gpus.map((gpu) => gpu.index);

test.each([
  [undefined, [0, 1, 2, 3]],
  ['2,3', [2, 3]],
  [' 3 , 0 ', [3, 0]],
  ['', []],
  ['-1', []],
  ['0,2,-1,1', [0, 2]],
  ['1,9,2', [1]],
  ['1,1', []],
  ['NoDevFiles', []],
  ['GPU-2aaa', [2]],
  ['GPU-', []],
  ['gpu-1AAA,0', [1, 0]],
])('CUDA_VISIBLE_DEVICES=%s lets through %j', (value, expected) => {
  expect(seen(machineWith(4), { CUDA_VISIBLE_DEVICES: value })).toEqual(expected);
});

test('a prefix of two UUIDs ends the list', () => {
  const [one, two] = machineWith(2).gpus;
  if (!one || !two) throw new Error('two cards');
  const detected = { ...machineWith(2), gpus: [one, { ...two, uuid: `${one.uuid}9` }] };
  expect(seen(detected, { CUDA_VISIBLE_DEVICES: '1,GPU-0aaa' })).toEqual([1]);
});

test('on AMD ROCr picks and HIP counts within', () => {
  const amd = machineWith(4, 'amd');
  expect(seen(amd, { ROCR_VISIBLE_DEVICES: '2,3' })).toEqual([2, 3]);
  expect(seen(amd, { ROCR_VISIBLE_DEVICES: '2,3', HIP_VISIBLE_DEVICES: '1' })).toEqual([3]);
  expect(seen(amd, { HIP_VISIBLE_DEVICES: '1', CUDA_VISIBLE_DEVICES: '0' })).toEqual([1]);
  expect(seen(amd, { CUDA_VISIBLE_DEVICES: '0' })).toEqual([0]);
  expect(visibleGpus(amd, { ROCR_VISIBLE_DEVICES: '2,3', HIP_VISIBLE_DEVICES: '1' }).limitedBy).toBe(
    'ROCR_VISIBLE_DEVICES=2,3 HIP_VISIBLE_DEVICES=1',
  );
});

test('AMD’s variables mean nothing to an NVIDIA card', () => {
  expect(seen(machineWith(2), { HIP_VISIBLE_DEVICES: '0' })).toEqual([0, 1]);
});

test('a MIG device goes by its UUID, and the number of its card means the first one', () => {
  const mig = detectedNvidia('nvidia-mig.csv', 'nvidia-mig-list.txt');
  expect(seen(mig, { CUDA_VISIBLE_DEVICES: 'MIG-7d8b2e8d-57ea-5fe3-83bc-2026e5cb10fb' })).toEqual([3]);
  expect(seen(mig, { CUDA_VISIBLE_DEVICES: '0,1' })).toEqual([2, 1]);
  expect(seen(mig, { CUDA_VISIBLE_DEVICES: '2' })).toEqual([]);
});
