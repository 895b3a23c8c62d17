import { expect, test } from 'vitest';
import { incompleteName, isArchiveName } from '../../../src/pages/sources/archive-directory.ts';

test('archives are told by their suffix, whatever their name has', () => {
  expect(['a.cbz', 'b/a.1.ZIP', 'a \u2028.cbz', 'a\n.zip'].every(isArchiveName)).toBe(true);
  expect(['.cbz', 'b/.zip', 'cbz', 'a.cbz/1.png', 'a.cbr'].some(isArchiveName)).toBe(false);
  expect(incompleteName('b/a.1.CBZ')).toBe('b/a.1.incomplete.CBZ');
});
