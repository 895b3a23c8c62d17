import { expect, test } from 'vitest';
import { patternText } from '../../src/pages/output-pattern.ts';
import { kindOfEnding } from '../../src/workers/ending-kind.ts';
import {
  endingOfSome,
  endingsOf,
  likelyPattern,
  likelyPatterns,
  patternToSuggest,
} from '../../src/workers/understand-names.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

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
  const took = processorMs(() => {
    expect(endings(many, images)).toHaveLength(1);
    expect(likelyPattern({ pages: many, images })?.stems.size).toBe(5000);
  });
  expect(took).toBeLessThan(2000);
});

test.each([
  ['_translated', 'result'],
  ['-TRANSLATED', 'result'],
  ['_TranslatedFinal', 'result'],
  [' (en)', 'result'],
  ['.chs', 'result'],
  ['_v2', 'unknown'],
  ['_mask', 'step'],
  ['_translatedMask', 'step'],
  ['_translated_debug', 'step'],
  ['_translated.tmp', 'passing'],
  ['.part', 'passing'],
])('%s says of an image: %s', (after, kind) => {
  expect(kindOfEnding({ before: '', after })).toBe(kind);
});

const named = (ending: string, numbers: readonly number[]): string[] =>
  numbers.map((number) => `ch/${number}${ending}.png`);
const some = (images: readonly string[], cut: boolean, { of = 20, input = '' } = {}): string | undefined => {
  const found = endingOfSome({ pages: pages(of), images }, ({ after }) => after === input, { cut });
  return found && patternText(found);
};

test.each<[string, string[], { whileItWorks: boolean; onceCut: boolean }]>([
  ['one result', named('_translated', [1]), { whileItWorks: false, onceCut: true }],
  [
    'nine results of twenty',
    named('_translated', [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    { whileItWorks: false, onceCut: true },
  ],
  [
    'ten results',
    named('_T-translated', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    { whileItWorks: true, onceCut: true },
  ],
  ['one that says nothing', named('_v2', [1]), { whileItWorks: false, onceCut: false }],
  ['two that say nothing', named('_v2', [1, 2]), { whileItWorks: false, onceCut: true }],
  [
    'all that say nothing',
    named(
      '_v2',
      pages(20).map((_, at) => at + 1),
    ),
    { whileItWorks: false, onceCut: true },
  ],
  [
    'masks',
    named(
      '_mask',
      pages(20).map((_, at) => at + 1),
    ),
    { whileItWorks: false, onceCut: false },
  ],
  [
    'a mask beside results',
    [...named('_en', [1, 2, 3]), ...named('_mask', [1])],
    { whileItWorks: false, onceCut: false },
  ],
  [
    'a file in the making',
    [...named('_en', [1, 2, 3]), ...named('_tmp', [4])],
    { whileItWorks: false, onceCut: true },
  ],
  ['another image', [...named('_en', [1, 2]), 'all.png'], { whileItWorks: false, onceCut: true }],
  [
    'a page under its own name',
    [...named('_en', [1, 2]), 'ch/3.png'],
    { whileItWorks: false, onceCut: false },
  ],
  ['a letter', named('b', [1, 2, 3]), { whileItWorks: false, onceCut: false }],
])('a child that is not through with its pages, and left %s', (_case, images, { whileItWorks, onceCut }) => {
  expect(some(images, false) !== undefined).toBe(whileItWorks);
  expect(some(images, true) !== undefined).toBe(onceCut);
});

test('while a child works nine of ten pages suffice, and the only one; what inputs end with tells nothing', () => {
  expect(some(named('_en', [1, 2, 3, 4, 5, 6, 7, 8, 9]), false, { of: 10 })).toBe('{stem}_en{ext}');
  expect(some(named('_en', [1]), false, { of: 1 })).toBe('{stem}_en{ext}');
  expect(some(named('_en', [1]), false, { of: 2 })).toBeUndefined();
  expect(some(named('_en', [1, 2]), true, { input: '_en' })).toBeUndefined();
});

test.each<[string, string[], string[], string | undefined]>([
  ['two that are level', [...named('_mask', [1, 2]), ...named('_en', [1, 2])], ['_en', '_mask'], '_en'],
  [
    'one that is being written',
    [...named('_mask', [1, 2, 3]), ...named('_en', [1, 2])],
    ['_en', '_mask'],
    '_en',
  ],
  ['masks alone', named('_mask', [1, 2]), ['_mask'], undefined],
  [
    'two of which neither says more',
    [...named('_a', [1, 2]), ...named('_b', [1, 2])],
    ['_a', '_b'],
    undefined,
  ],
  ['a stray one', [...named('_v2', [1, 2, 3]), ...named('_x', [1])], ['_v2'], '_v2'],
  ['a letter', named('b', [1, 2]), ['b'], 'b'],
])('what to choose from, and what to suggest: %s', (_case, images, choice, suggested) => {
  const likely = likelyPatterns({ pages: pages(20), images }, () => false);
  expect(likely.map(({ after }) => after)).toEqual(choice);
  expect(patternToSuggest(likely)?.after).toBe(suggested);
});
