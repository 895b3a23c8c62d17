import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { versionTrouble, withVersion } from '../../../scripts/release/next-version.ts';

test.each(['0.2.0', '0.10.0', '1.0.0', '0.1.9'])('%s may follow 0.1.9', (version) => {
  expect(versionTrouble(version, '0.1.9')).toBeUndefined();
});

test.each([
  ['0.1.8', 'comes before 0.1.9'],
  ['0.0.10', 'comes before 0.1.9'],
  ['v0.2.0', 'is no version'],
  ['0.2', 'is no version'],
  ['0.2.0-rc.1', 'is no version'],
  ['0.02.0', 'is no version'],
  ['../0.2.0', 'is no version'],
  ['', 'is no version'],
])('%s may not', (version, why) => {
  expect(versionTrouble(version, '0.1.9')).toContain(why);
});

test.each(['package.json', 'package-lock.json'])('%s gets another version and is else as it was', (name) => {
  const before = readFileSync(path.join(import.meta.dirname, '../../..', name), 'utf8');
  const { version } = JSON.parse(before);
  const after = withVersion(before, '98.7.6');
  expect(JSON.parse(after).version).toBe('98.7.6');
  expect(JSON.parse(after).packages?.[''].version ?? '98.7.6').toBe('98.7.6');
  expect(withVersion(after, version)).toBe(before);
});
