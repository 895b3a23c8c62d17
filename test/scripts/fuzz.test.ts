import { expect, test } from 'vitest';
import { Dice } from '../../scripts/chaos/dice.ts';
import { mutated } from '../../scripts/chaos/fuzz/mutate.ts';
import { asBuffers } from '../../scripts/chaos/fuzz/target.ts';

const MATERIAL = { examples: asBuffers('{"a":1}', 'b=2\n'), words: ['"a":'], longestBytes: 5000 };

test('a number of a seed is the same input each time, and others are other inputs', () => {
  const inputs = (): string[] =>
    Array.from({ length: 500 }, (_none, at) => mutated(MATERIAL, new Dice(`1/x/${at}`)).toString('hex'));
  const first = inputs();
  expect(inputs()).toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(400);
});

test('no input is longer than its reader lets come', () => {
  const sizes = Array.from({ length: 2000 }, (_none, at) => mutated(MATERIAL, new Dice(String(at))).length);
  expect(Math.max(...sizes)).toBe(5000);
  expect(sizes.filter((size) => size < 100).length).toBeGreaterThan(1000);
});
