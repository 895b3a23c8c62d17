import { expect, test } from 'vitest';
import { isOddPath, RefusedName, refusedName, whatIsRefused } from '../../src/pages/refused-name.ts';

const UTF8_LONG = 'あ'.repeat(48);

test.each([
  ['what?.png', 'no ? in names'],
  ['a:b', 'no : in names'],
  ['tab\there', 'no control characters in names'],
  ['Ends in dot.', 'no names that end with a dot'],
  ['space ', 'no names that end with a space'],
  ['CON', 'no file or folder called CON'],
  ['lpt1.png', 'no file or folder called lpt1'],
  [UTF8_LONG, 'no names of 144 bytes'],
])('%j may be refused, and why is said', (name, words) => {
  expect(isOddPath(name)).toBe(true);
  expect(isOddPath(`ch1/${name}/1.png`)).toBe(true);
  expect(whatIsRefused(name)).toBe(words);
});

test('names that every disk takes are told from them', () => {
  const common = [
    '001.png',
    'Vol. 1/ch 02/p-003.webp',
    '第１話/００１.jpg',
    'a.b.c',
    'console/auxiliary.png',
    '.hidden',
  ];
  for (const name of [...common, 'x'.repeat(120)]) expect(isOddPath(name), name).toBe(false);
});

test('a path that is too long is told from a name that is', () => {
  const file = `/${'d/'.repeat(2100)}page.png`;
  expect(new RefusedName(file, 'ENAMETOOLONG').message).toContain('a path of 4209 bytes is too long');
});

test('errors that say nothing of a name are none of this kind', () => {
  const errorOf = (code: string): Error => Object.assign(new Error(code), { code });
  for (const code of ['EINVAL', 'EILSEQ', 'ENAMETOOLONG'])
    expect(refusedName(errorOf(code), '/out/x')).toBeInstanceOf(RefusedName);
  for (const code of ['ENOENT', 'EACCES', 'ENOSPC'])
    expect(refusedName(errorOf(code), '/out/x')).toBeUndefined();
});
