import { expect, test } from 'vitest';
import * as machine from '../../src/options/machine-types.ts';

test.each([
  ['2/4', { index: 2, of: 4 }],
  ['auto', { auto: true }],
  ['auto/8', { auto: true, of: 8 }],
  ['off', undefined],
])('reads the part %s', (given, part) => {
  expect(machine.part.parse(given)).toEqual(part);
});

test.each(['0/4', '5/4', '1/0', '2', '1/4/2', 'x/4', ''])('refuses the part %s', (given) => {
  expect(machine.part.safeParse(given).success).toBe(false);
});

test('takes GPUs of a config file as a number or a list', () => {
  expect(machine.gpuList.parse(0)).toBe('0');
  expect(machine.gpuList.parse([0, '2-3'])).toBe('0,2-3');
  expect(machine.gpuList.safeParse([]).success).toBe(false);
});
