import { expect, test } from 'vitest';
import { badValue } from '../../src/options/bad-value.ts';
import * as type from '../../src/options/option-types.ts';

test.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['8h30m', 30_600_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0', 0],
  ['off', 0],
  [0, 0],
])('reads the duration %s as %d ms', (given, ms) => {
  expect(type.duration.parse(given)).toBe(ms);
});

test.each(['', 'abc', '5', 5, '-5m', '5m3', '5x', '30d', true, null])('refuses the duration %s', (given) => {
  expect(type.duration.safeParse(given).success).toBe(false);
});

test.each([
  ['12GB', 12e9],
  ['512MiB', 512 * 1024 ** 2],
  ['1.5gb', 1.5e9],
  ['100B', 100],
  ['off', undefined],
])('reads the size %s', (given, bytes) => {
  expect(type.sizeOrOff.parse(given)).toBe(bytes);
});

test.each(['12', '12G', '-1GB', 'GB', '0GB', '12XB'])('refuses the size %s', (given) => {
  expect(type.sizeOrOff.safeParse(given).success).toBe(false);
});

test('reads counts as text and as number, and nothing but whole ones in range', () => {
  expect(type.count(0).parse('0')).toBe(0);
  expect(type.count(1).parse(3)).toBe(3);
  expect(type.countOrOff.parse('off')).toBeUndefined();
  for (const bad of ['0', 0, '-1', '1.5', 1.5, '', 'auto', '1e3', '99999999999'])
    expect(type.count(1).safeParse(bad).success, String(bad)).toBe(false);
});

test('reads suffixes without dot in lower case', () => {
  expect(type.suffix.parse('.PNG')).toBe('png');
  expect(type.suffix.parse('jpg')).toBe('jpg');
  expect(type.suffix.safeParse('../x').success).toBe(false);
});

test('shows bad values on one line, without control characters, cut and without secrets', () => {
  const flag = { by: 'flag', flag: '--output' } as const;
  expect(badValue(flag, { given: 'a\nb\u001b[31m', problem: 'no' }).message).toBe(
    String.raw`--output "a\nb\u001b[31m": no`,
  );
  expect(badValue(flag, { given: 'x'.repeat(500), problem: 'no' }).message.length).toBeLessThan(120);
  expect(badValue(flag, { given: 'sk-123', problem: 'no', secret: true }).message).toBe('--output …: no');
});
