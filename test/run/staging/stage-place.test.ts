import { expect, test } from 'vitest';
import { choosePlace, roomIn, type StagePlace } from '../../../src/run/staging/stage-place.ts';

const GB = 1_000_000_000;
const memory = (freeBytes: number): StagePlace => ({
  path: '/dev/shm',
  kind: 'other',
  isMemory: true,
  freeBytes,
});
const disk = (freeBytes: number, kind: StagePlace['kind'] = 'other'): StagePlace => ({
  path: '/tmp',
  kind,
  isMemory: false,
  freeBytes,
});
const limits = { sizeBytes: GB, freeMemoryBytes: 64 * GB };

test.each([
  ['the size', memory(64 * GB), limits, GB],
  ['half of what is free', memory(GB), limits, GB / 2],
  ['a quarter of the free memory', memory(64 * GB), { ...limits, freeMemoryBytes: GB }, GB / 4],
  ['of a disk no memory', disk(64 * GB), { ...limits, freeMemoryBytes: 0 }, GB],
  ['without a size what the place allows', disk(64 * GB), { ...limits, sizeBytes: undefined }, 32 * GB],
  ['nothing', memory(0), limits, 0],
] as const)('room is the least: %s', (_what, place, { sizeBytes, freeMemoryBytes }, room) => {
  expect(roomIn(place, { sizeBytes, freeMemoryBytes })).toBe(room);
});

test('memory before the local disk, and the local disk where there is too little of it', () => {
  const auto = { ...limits, isNamed: false };
  expect(choosePlace([memory(4 * GB), disk(9 * GB)], auto)).toEqual({ path: '/dev/shm', roomBytes: GB });
  expect(choosePlace([memory(8_000_000), disk(9 * GB)], auto)).toEqual({
    path: '/tmp',
    roomBytes: GB,
    insteadOf: { path: '/dev/shm', roomBytes: 4_000_000 },
  });
  expect(choosePlace([disk(9 * GB)], auto)).toEqual({ path: '/tmp', roomBytes: GB });
  // The temporary folder of some clusters is on the network too.
  expect(choosePlace([memory(0), disk(9 * GB, 'network')], auto)).toBeUndefined();
  expect(choosePlace([memory(0), disk(9 * GB, 'fuse')], auto)).toBeUndefined();
  expect(choosePlace([], auto)).toBeUndefined();
  // A size below that is the user's wish.
  expect(choosePlace([memory(GB)], { ...auto, sizeBytes: 1_000_000 })?.roomBytes).toBe(1_000_000);
});

test('a folder that was named is taken as it is, unless it is full', () => {
  const named = { ...limits, isNamed: true };
  expect(choosePlace([disk(8_000_000, 'network')], named)?.roomBytes).toBe(4_000_000);
  expect(choosePlace([disk(0)], named)).toBeUndefined();
});
