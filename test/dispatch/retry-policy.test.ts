import { expect, test } from 'vitest';
import { type Failure, nextTry, type UsableDevice } from '../../src/dispatch/retry-policy.ts';

const devices: UsableDevice[] = [
  { gpu: 0, memoryBytes: 8 },
  { gpu: 1, memoryBytes: 8 },
  { gpu: 2, memoryBytes: 24 },
];
const only = devices.slice(0, 1);
const failed = (gpu: number, more: Partial<Failure> = {}): Failure => ({
  gpu,
  reason: 'crash',
  message: '',
  hadDeviceAlone: true,
  isFresh: false,
  brokeProcess: false,
  ...more,
});
const oom = (gpu: number, more: Partial<Failure> = {}): Failure => failed(gpu, { reason: 'oom', ...more });
const again = (on: number[], more = {}) => ({ again: true, on, alone: false, fresh: false, ...more });

test('a page without failures may run anywhere', () => {
  expect(nextTry([], 0, devices)).toEqual(again([0, 1, 2]));
});

test('a failed page goes to a device that it has not failed on, then to any but the last', () => {
  expect(nextTry([failed(0)], 9, devices)).toEqual(again([1, 2]));
  expect(nextTry([failed(0), failed(2), failed(1)], 9, devices)).toEqual(again([0, 2]));
});

test('where there is one device it is tried there again', () => {
  expect(nextTry([failed(0)], 2, only)).toEqual(again([0]));
});

test('retries are more tries: none means one try in all', () => {
  expect(nextTry([failed(0)], 0, devices)).toEqual({ again: false });
  expect(nextTry([failed(0), failed(1)], 2, devices).again).toBe(true);
  expect(nextTry([failed(0), failed(1), failed(2)], 2, devices)).toEqual({ again: false });
});

test('a page that has broken two fresh processes has failed', () => {
  const broke = failed(0, { isFresh: true, brokeProcess: true });
  expect(nextTry([broke], 9, devices).again).toBe(true);
  expect(nextTry([broke, broke], 9, devices)).toEqual({ again: false });
});

test('out of memory beside others: again alone on the same device, which costs no try', () => {
  const crowded = oom(0, { hadDeviceAlone: false });
  expect(nextTry([crowded], 2, devices)).toEqual(again([0], { alone: true }));
  expect(nextTry([failed(1), failed(2), crowded], 2, devices).again).toBe(true);
  expect(nextTry([crowded], 0, devices)).toEqual({ again: false });
});

test('out of memory alone on a device: on the largest other one, then never', () => {
  expect(nextTry([oom(0)], 9, devices)).toEqual(again([2], { alone: true }));
  expect(nextTry([oom(0), oom(2)], 9, devices)).toEqual({ again: false });
});

test('out of memory on the only device: alone in a fresh process, then never', () => {
  expect(nextTry([oom(0)], 9, only)).toEqual(again([0], { alone: true, fresh: true }));
  expect(nextTry([oom(0, { isFresh: true })], 9, only)).toEqual({ again: false });
});
