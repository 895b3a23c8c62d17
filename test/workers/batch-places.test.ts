import { expect, test } from 'vitest';
import type { BatchLayout } from '../../src/model/run-options.ts';
import { placesOf } from '../../src/workers/batch-places.ts';

const namesOf = (layout: BatchLayout, pages: readonly string[], reserved?: string): string[] => {
  const { nameOf } = placesOf({ pages, layout, reserved });
  return pages.map(nameOf);
};

const LONG = 'x'.repeat(120);

test.each<[string, BatchLayout, string[], string[]]>([
  ['a tree stays', 'tree', ['a/1.png', 'b/1.png', '1.png'], ['a/1.png', 'b/1.png', '1.png']],
  ['one folder', 'folder', ['a/b/1.png', 'a/b/2.png'], ['1.png', '2.png']],
  ['one page', 'flat', ['a/1.png'], ['1.png']],
  ['file names that all differ', 'flat', ['a/1.png', 'b/2.png', '3.png'], ['1.png', '2.png', '3.png']],
  ['equal file names', 'flat', ['a/1.png', 'b/1.png', 'b/2.png'], ['a_1.png', 'b_1.png', 'b_2.png']],
  ['paths that become equal', 'flat', ['a/b/1.png', 'a_b/1.png'], ['a_b_1.png', 'a_b_1-2.png']],
  [
    'a number that is taken',
    'flat',
    ['a/b-2.png', 'A/b.png', 'a/b.png'],
    ['a_b-2.png', 'A_b.png', 'a_b-3.png'],
  ],
  ['case alone', 'flat', ['a/P.png', 'a/p.png'], ['a_P.png', 'a_p-2.png']],
  ['case alone, in one folder', 'folder', ['a/P.png', 'a/p.png'], ['P.png', 'p-2.png']],
  [
    'the form of an accent alone',
    'flat',
    ['a/\u00e9.png', 'b/e\u0301.png'],
    ['a_\u00e9.png', 'b_e\u0301.png'],
  ],
  ['suffix alone', 'flat', ['a/1.png', 'b/1.jpg'], ['a_1.png', 'b_1.jpg']],
  [
    'spaces, quotes, commas, unicode',
    'flat',
    ['vol 1/it\'s, "1" 漫.png', 'vol 2/it\'s, "1" 漫.png'],
    ['vol 1_it\'s, "1" 漫.png', 'vol 2_it\'s, "1" 漫.png'],
  ],
  [
    'paths that are too long for a name',
    'flat',
    [`${LONG}/${LONG}/1.png`, `${LONG}/y/1.png`],
    ['1.png', `${LONG}_y_1.png`],
  ],
])('%s', (_, layout, pages, names) => {
  expect(namesOf(layout, pages)).toEqual(names);
});

test('names that take all the bytes that a name may have are still told apart', () => {
  const page = `${'漫'.repeat(83)}.png`;
  const names = namesOf('flat', [`a/${page}`, `b/${page}`]);
  expect(new Set(names).size).toBe(2);
  for (const name of names) {
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).not.toContain('\ufffd');
  }
});

test('a folder of the input that is called like that of the outputs has another name, and its files come back', () => {
  const pages = ['1.png', 'result/1.png', 'result-2/1.png', 'Result/1.png', 'a/result/1.png'];
  const { nameOf, placeOf } = placesOf({ pages, layout: 'tree', reserved: 'result' });
  const names = pages.map(nameOf);
  expect(names).toEqual(['1.png', 'result-3/1.png', 'result-2/1.png', 'Result-4/1.png', 'a/result/1.png']);
  expect(names.map(placeOf)).toEqual(pages);
});

test.each<[string, BatchLayout, string[], Record<string, string>]>([
  ['as in the input', 'tree', ['a/1.png'], { 'a/1.json': 'a/1.json', 'log.txt': 'log.txt' }],
  [
    'with the page whose name they begin with',
    'flat',
    ['a/1.png', 'b/1.png'],
    { 'a_1.json': 'a/1.json', 'b_1_mask.png': 'b/1_mask.png', 'masks/b_1.png': 'b/masks/1.png' },
  ],
  [
    'not of a page of which the name goes on',
    'flat',
    ['a/1.png'],
    { '10.json': 'a/10.json', '1.txt': 'a/1.txt' },
  ],
  ['to the folder that pages share', 'flat', ['v/a/1.png', 'v/b/2.png'], { 'log.txt': 'v/log.txt' }],
  ['to the root', 'flat', ['a/1.png', 'ab/2.png'], { 'log.txt': 'log.txt' }],
  ['to their folder', 'folder', ['v/a/1.png', 'v/a/2.png'], { 'log.txt': 'v/a/log.txt' }],
])('files beside outputs go %s', (_, layout, pages, places) => {
  const { placeOf } = placesOf({ pages, layout });
  expect(Object.fromEntries(Object.keys(places).map((name) => [name, placeOf(name)]))).toEqual(places);
});
