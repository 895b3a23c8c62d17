import { expect, test } from 'vitest';
import { SlotStarts } from '../../src/dispatch/slot-starts.ts';
import type { Slot } from '../../src/model/slot.ts';

const slot = (id: string): Slot => ({ id, gpu: { index: 0, vendor: 'nvidia', visibleAs: '0' } });
const ALONE = { ofDevice: false, loading: false };
const TOGETHER = { ofDevice: false, loading: true };
const CROWDED = { ofDevice: true, loading: false };

test('beside another worker of its device a slot has two starts', () => {
  const starts = new SlotStarts();
  expect(starts.failed(slot('a'), 'no room', CROWDED).by).toBe('crowded');
  expect(starts.failed(slot('b'), 'no room', CROWDED).by).toBe('crowded');
  expect(starts.failed(slot('a'), 'no room', CROWDED).by).toBe('no-room');
});

test('a page that is done on the slot, or other words, begin the count anew', () => {
  const starts = new SlotStarts();
  starts.failed(slot('a'), 'no room', CROWDED);
  starts.worked(slot('a'));
  expect(starts.failed(slot('a'), 'no room', CROWDED).by).toBe('crowded');
  expect(starts.failed(slot('a'), 'KeyError', CROWDED).by).toBe('crowded');
});

test('a start that failed while others loaded says nothing, until the same happens to one by itself', () => {
  const starts = new SlotStarts();
  expect(starts.failed(slot('a'), 'SIGKILL', TOGETHER)).toEqual({ by: 'together' });
  expect(starts.failed(slot('a'), 'SIGKILL', ALONE)).toEqual({ by: 'device', isNotTogether: false });
  expect(starts.failed(slot('b'), 'SIGKILL', ALONE)).toEqual({ by: 'device', isNotTogether: true });
  expect(starts.failed(slot('c'), 'SIGKILL', TOGETHER).by).toBe('device');
  expect(starts.failed(slot('c'), 'other words', TOGETHER).by).toBe('together');
});

test('nothing starts where every slot fails with the same words, two of them by themselves', () => {
  const starts = new SlotStarts();
  const words = (): string | undefined => starts.sameWords(['a', 'b']);
  starts.failed(slot('a'), 'no module at 0x1', TOGETHER);
  starts.failed(slot('b'), 'no module at 0x2', TOGETHER);
  starts.failed(slot('a'), 'no module at 0x3', ALONE);
  expect(words()).toBeUndefined();
  starts.failed(slot('a'), 'no module at 0x4', ALONE);
  expect(words()).toBe('no module at 0x4');
  starts.worked(slot('a'));
  expect(words()).toBeUndefined();
});

test.each([
  ['one slot has not been heard', ['a', 'a', 'a'], ['x', 'x', 'x']],
  ['the words differ', ['a', 'b', 'a'], ['x', 'x', 'y']],
  ['there are too few', ['a', 'b'], ['x', 'x']],
])('something may start yet: %s', (_why, slots, words) => {
  const starts = new SlotStarts();
  for (const [at, id] of slots.entries()) starts.failed(slot(id), words[at] ?? '', ALONE);
  expect(starts.sameWords(['a', 'b'])).toBeUndefined();
});
