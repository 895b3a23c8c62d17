import { expect, test } from 'vitest';
import { patternText } from '../../src/pages/output-pattern.ts';
import { endingsOf, likelyPattern } from '../../src/workers/understand-names.ts';

const pages = (count: number): string[] => Array.from({ length: count }, (_, at) => `ch/${at + 1}.png`);
const endings = (given: string[], images: string[], inputEnds: string[] = []): string[] =>
  endingsOf({ pages: given, images }, ({ after }) => inputEnds.includes(after)).map(({ pattern }) =>
    patternText(pattern),
  );

test.each<[string, string[], string[], string[]]>([
  ['all', ['1.png', '2.png'], ['1_t.png', '2_t.png'], ['{stem}_t{ext}']],
  ['another suffix', ['1.png', '2.PNG'], ['1_t.jpg', '2_t.JPG'], ['{stem}_t{ext}']],
  ['the suffix kept', ['1.png', '2.png'], ['1.png.webp', '2.png.webp'], ['{stem}.png{ext}']],
  ['a space and brackets', ['1.png', '2.png'], ['1 (en).png', '2 (en).png'], ['{stem} (en){ext}']],
  ['one page alone', ['1.png'], ['1_t.png'], ['{stem}_t{ext}']],
  ['a file that is no page', ['1.png', '2.png'], ['1_t.png', '2_t.png', 'all.png'], ['{stem}_t{ext}']],
  ['one stem begins the other', ['1.png', '1_a.png'], ['1_t.png', '1_a_t.png'], ['{stem}_t{ext}']],
  ['accents in two forms', ['e\u0301.png', 'o.png'], ['é_t.png', 'o_t.png'], ['{stem}_t{ext}']],
  ['nested', ['a/1.png', 'b/1.png'], ['a/1_t.png', 'b/1_t.png'], ['{stem}_t{ext}']],
  ['in another folder', ['a/1.png', 'b/1.png'], ['1_t.png'], []],
  [
    'two endings',
    ['1.png', '2.png'],
    ['1_t.png', '2_t.png', '1_mask.png', '2_mask.png'],
    ['{stem}_t{ext}', '{stem}_mask{ext}'],
  ],
  ['a letter', ['1.png', '2.png'], ['1b.png', '2b.png'], []],
  ['a digit', ['1.png', '2.png'], ['10.png', '20.png'], []],
  ['an accent', ['e.png', 'o.png'], ['e\u0302.png', 'o\u0302.png'], []],
  ['a CJK letter', ['1.png', '2.png'], ['1訳.png', '2訳.png'], []],
  ['something in front', ['1.png', '2.png'], ['t_1.png', 't_2.png'], []],
  ['one of two', ['1.png', '2.png'], ['1_t.png'], []],
  ['nothing', ['1.png'], [], []],
  [
    'own names, where another was thought',
    ['1.png', '2.png'],
    ['1.png', '2.png', '1_t.png', '2_t.png'],
    ['{stem}{ext}'],
  ],
  ['one own name', ['1.png', '2.png'], ['1.png', '1_t.png', '2_t.png'], []],
])('%s', (_case, given, images, expected) => {
  expect(endings(given, images)).toEqual(expected);
});

test('nine of ten pages suffice, eight do not; what an input ends with is none', () => {
  const images = pages(9).map((page) => page.replace('.png', '_t.png'));
  expect(endings(pages(10), images)).toEqual(['{stem}_t{ext}']);
  expect(endings(pages(11), images)).toEqual([]);
  expect(endings(pages(9), images, ['_t'])).toEqual([]);
});

test.each([
  [['1.png', '2.png'], ['t_1.png', 't_2.png'], 't_{stem}{ext}'],
  [['1.png', '2.png'], ['t_1_en.png', 't_2_en.png'], 't_{stem}_en{ext}'],
  [['1.png', '2.png', '3.png'], ['1b.png'], '{stem}b{ext}'],
  [['1.png', '2.png', '3.png'], ['1_t.png', '2_t.png', '1_m.png'], '{stem}_t{ext}'],
  [['1.png', '2.png'], ['1.png', '2.png'], '{stem}{ext}'],
  [['1.png', '2.png'], ['final.png'], undefined],
])('%j with %j: likely %s', (given, images, expected) => {
  const found = likelyPattern({ pages: given, images });
  expect(found && patternText(found.pattern)).toBe(expected);
});

test('5,000 pages of one folder are told in a moment', () => {
  const many = pages(5000);
  const images = many.map((page) => page.replace('.png', '_translated.png'));
  const began = performance.now();
  expect(endings(many, images)).toHaveLength(1);
  expect(likelyPattern({ pages: many, images })?.stems.size).toBe(5000);
  expect(performance.now() - began).toBeLessThan(2000);
});
