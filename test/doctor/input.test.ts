import { expect, test } from 'vitest';
import { speedOf } from '../../src/doctor/input.ts';

const textOf = (files: number, found: number, isCut = false): string =>
  speedOf({ files, bytes: 1000, seconds: 0.1 }, { where: 'in', found, isCut }).text;

test('says of how many pages it read how many', () => {
  expect(textOf(20, 20)).toBe('in: read 20 pages, 1 kB, at 10 kB/s');
  expect(textOf(1, 1)).toMatch(/read 1 page,/);
  expect(textOf(10, 20)).toMatch(/: read a sample, 10 of 20 pages, /);
  expect(textOf(10, 10, true)).toMatch(/: read a sample, 10 of more than 10 pages, /);
});
