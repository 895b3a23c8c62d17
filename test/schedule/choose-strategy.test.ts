import { expect, test } from 'vitest';
import type { Slot } from '../../src/model/slot.ts';
import { chooseStrategy } from '../../src/schedule/choose-strategy.ts';

const slot = (index: number, name: string, { memory = 16, worker = 0 } = {}): Slot => ({
  id: `gpu${index}-${worker}`,
  gpu: { index, vendor: 'nvidia', name, visibleAs: String(index), memoryTotalBytes: memory * 2 ** 30 - 5e7 },
});
const cpu: Slot[] = [0, 1].map((at) => ({ id: `cpu-${at}`, gpu: null }));

test('auto: a queue for warm workers and for unequal devices, else fixed shards', () => {
  const chosen = (kind: 'warm' | 'one-shot', slots: readonly Slot[]) =>
    chooseStrategy('auto', { kind, slots }).name;
  const alike = [slot(0, 'T4'), slot(1, 'T4')];
  expect(chosen('warm', alike)).toBe('dynamic');
  expect(chosen('one-shot', alike)).toBe('even');
  expect(chosen('one-shot', cpu)).toBe('even');
  expect(chosen('one-shot', [slot(0, 'T4'), slot(1, 'A100')])).toBe('dynamic');
  expect(chosen('one-shot', [slot(0, 'A100', { memory: 40 }), slot(1, 'A100', { memory: 80 })])).toBe(
    'dynamic',
  );
  // Two workers on one card, one on the other: each of the two is slower.
  expect(chosen('one-shot', [...alike, slot(1, 'T4', { worker: 1 })])).toBe('dynamic');
  expect(chosen('one-shot', [...alike, slot(0, 'T4', { worker: 1 }), slot(1, 'T4', { worker: 1 })])).toBe(
    'even',
  );
});

test('a strategy that is named is taken, and needs no reason', () => {
  expect(chooseStrategy('balanced', { kind: 'warm', slots: cpu })).toEqual({ name: 'balanced' });
});

test('auto: warm pages go by what fits where they have taken more than one of the devices has', () => {
  const [small, large] = [slot(0, 'T4', { memory: 4 }), slot(1, 'A100', { memory: 12 })];
  const chosen = (slots: readonly Slot[], peakGib?: number) =>
    chooseStrategy('auto', {
      kind: 'warm',
      slots,
      ...(peakGib !== undefined && { peakBytes: peakGib * 2 ** 30 }),
    }).name;
  expect(chosen([small, large])).toBe('dynamic');
  expect(chosen([small, large], 3)).toBe('dynamic');
  expect(chosen([small, large], 6)).toBe('vram');
  // Where it fits nowhere, no strategy helps.
  expect(chosen([small, large], 20)).toBe('dynamic');
  expect(chosen([small, small], 6)).toBe('dynamic');
  expect(chosen(cpu, 6)).toBe('dynamic');
});
