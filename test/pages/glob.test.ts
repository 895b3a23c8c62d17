import { expect, test } from 'vitest';
import { globEscape, matchesPath, namesOf, readGlob } from '../../src/pages/glob.ts';

const matches = (glob: string, path: string): boolean =>
  readGlob(glob).some((reading) => matchesPath(reading, namesOf(path)));

test.each([
  ['*.png', 'a.png', true],
  ['*.png', 'a/b.png', false],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXbXc/', true],
  ['a*b', 'aXbX', false],
  ['?.png', '漫.png', true],
  ['?.png', '😀.png', true],
  ['[a-c]1', 'b1', true],
  ['[a-c]1', 'd1', false],
  ['[!a-c]1', 'd1', true],
  ['[^a-c]1', 'b1', false],
  ['[]x]', ']', true],
  ['[a', '[a', true],
  ['Title (2020)', 'Title (2020)', true],
  ['!(a)', '!(a)', true],
  ['+(a|b)', 'a', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['{a,b/c}.png', 'b/c.png', true],
  ['{a,{b,c}}', 'c', true],
  [`${'{a,'.repeat(100)}b${'}'.repeat(100)}`, 'b', true],
  ['{a}', '{a}', true],
  ['{a,b', '{a,b', true],
  ['{8..11}', '10', true],
  ['{08..11}', '09', true],
  ['{08..11}', '9', false],
  ['{c..a}', 'b', true],
  ['**/x', 'x', true],
  ['**/x', 'a/b/x', true],
  ['a/**/x', 'a/x', true],
  ['a/**', 'a', true],
  ['a/**/b/**/c', 'a/b/1/b/2/c', true],
  ['caf\u00e9', 'cafe\u0301', true],
])('%.40s and %s: %s', (glob, path, is) => {
  expect(matches(glob, path)).toBe(is);
});

test.each(['a*[b]{c,d}?\\e', '[Group] {x}', '**'])('%s, escaped, means itself alone', (text) => {
  expect(matches(globEscape(text), text)).toBe(true);
  expect(matches(globEscape(text), 'abce')).toBe(false);
});

test.each([
  ['*a*a*a*a*a*a*a*a*b.png', `${'a'.repeat(250)}.png`],
  [`${'*a'.repeat(2000)}b`, 'a'.repeat(4000)],
  [`${'**/a/'.repeat(500)}b`, 'a/'.repeat(1000)],
])('%s is answered, where a regular expression would not come to an end', (glob, path) => {
  expect(matches(glob, path)).toBe(false);
});

test.each([
  ['a'.repeat(5000), /more than 4096 characters/],
  ['{a,b}'.repeat(12), /expands to more than 256 patterns/],
  [`${'{a,'.repeat(300)}${'}'.repeat(3000)}`, /expands to more than 256 patterns/],
  ['{a,a}'.repeat(30), /expands to more than 256 patterns/],
  [`{1..200}${'x'.repeat(2000)}`, /too long for so many alternatives/],
  ['{1..999999999}', /more than 256 numbers/],
  [`{${','.repeat(2000)}}`, /more than 256 alternatives/],
])('%.40s is refused', (glob, message) => {
  expect(() => readGlob(glob)).toThrow(message);
});
