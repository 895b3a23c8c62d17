import { expect, test } from 'vitest';
import { decodeName, whyUnsafe } from '../../../src/pages/sources/entry-name.ts';

const SHIFT_JIS = Buffer.from('91e6318f', 'hex');

test.each<[what: string, raw: Buffer, name: string]>([
  ['UTF-8', Buffer.from('第1話/001.png'), '第1話/001.png'],
  [
    'Shift-JIS',
    Buffer.concat([Buffer.from('91e6', 'hex'), Buffer.from('1'), Buffer.from('9862', 'hex')]),
    '第1話',
  ],
  ['Shift-JIS with a backslash as half of a letter', Buffer.from('955c2e706e67', 'hex'), '表.png'],
  ['CP437, which Shift-JIS is not', Buffer.from('82', 'hex'), 'é'],
  ['CP437', Buffer.concat([Buffer.from('caf'), Buffer.from('82', 'hex'), Buffer.from('.png')]), 'café.png'],
  ['half a letter of Shift-JIS', SHIFT_JIS, 'æµ1Å'],
  ['parts apart as on Windows', Buffer.from('ch1\\001.png'), 'ch1/001.png'],
])('reads a name in %s', (_what, raw, name) => {
  expect(decodeName({ raw })).toBe(name);
});

test('believes the field for Unicode more than the name', () => {
  expect(decodeName({ raw: Buffer.from('?.png'), unicode: Buffer.from('漫.png') })).toBe('漫.png');
});

test.each([
  ['../x.png', /leads out/],
  ['a/../../x.png', /leads out/],
  ['..', /leads out/],
  ['/etc/x.png', /absolute/],
  ['C:/x.png', /absolute/],
  ['c:x.png', /absolute/],
  ['a//b.png', /plain path/],
  ['./b.png', /plain path/],
  ['a\0.png', /NUL/],
  ['', /no name/],
])('takes nothing under %j', (name, why) => {
  expect(whyUnsafe(name)).toMatch(why);
});

test.each(['a.png', 'a/b/c.png', 'a/', '..a/b..png', 'a..b'])('takes %j', (name) => {
  expect(whyUnsafe(name)).toBeUndefined();
});
