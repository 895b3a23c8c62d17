import { expect, test } from 'vitest';
import { type Card, type Failure, nextTry } from '../../src/dispatch/retry-policy.ts';

const cards: Card[] = [
  { gpu: 0, memoryBytes: 8 },
  { gpu: 1, memoryBytes: 8 },
  { gpu: 2, memoryBytes: 24 },
];
const failed = (gpu: number, reason: Failure['reason'] = 'crash', hadCardAlone = true): Failure => ({
  gpu,
  reason,
  message: '',
  hadCardAlone,
});

test('a page without failures may run anywhere', () => {
  expect(nextTry([], 0, cards)).toEqual({ again: true, on: [0, 1, 2], alone: false });
});

test('a failed page goes to a card that it has not failed on, then to any but the last', () => {
  expect(nextTry([failed(0)], 9, cards)).toEqual({ again: true, on: [1, 2], alone: false });
  expect(nextTry([failed(0), failed(2), failed(1)], 9, cards)).toEqual({
    again: true,
    on: [0, 2],
    alone: false,
  });
});

test('where there is one card it is tried there again', () => {
  expect(nextTry([failed(0)], 2, cards.slice(0, 1))).toEqual({ again: true, on: [0], alone: false });
});

test('retries are more tries: none means one try in all', () => {
  expect(nextTry([failed(0)], 0, cards)).toEqual({ again: false });
  expect(nextTry([failed(0), failed(1)], 2, cards).again).toBe(true);
  expect(nextTry([failed(0), failed(1), failed(2)], 2, cards)).toEqual({ again: false });
});

test('out of memory beside others: again alone on the same card', () => {
  expect(nextTry([failed(0, 'oom', false)], 2, cards)).toEqual({ again: true, on: [0], alone: true });
});

test('out of memory alone on a card: on the largest other one, then never', () => {
  expect(nextTry([failed(0, 'oom')], 9, cards)).toEqual({ again: true, on: [2], alone: true });
  expect(nextTry([failed(0, 'oom'), failed(2, 'oom')], 9, cards)).toEqual({ again: false });
});

test('out of memory on the only card: never again', () => {
  expect(nextTry([failed(0, 'oom')], 9, cards.slice(0, 1))).toEqual({ again: false });
});
