import { expect, test } from 'vitest';
import {
  naturalCompare,
  naturalComparePaths,
  naturalSort,
  naturalSortPaths,
} from '../../src/pages/natural-order.ts';

const sorted = (names: string[]): string[] => naturalSort(names, (name) => name);

test.each([
  [
    ['page10', 'page9', 'page1'],
    ['page1', 'page9', 'page10'],
  ],
  [
    ['a2b10', 'a2b9', 'a10b1'],
    ['a2b9', 'a2b10', 'a10b1'],
  ],
  [
    ['B', 'a', 'C'],
    ['a', 'B', 'C'],
  ],
  [
    ['第10話', '第9話', '第１話'],
    ['第１話', '第9話', '第10話'],
  ],
  [
    ['é2', 'f1', 'e1'],
    ['e1', 'é2', 'f1'],
  ],
  [
    ['x100000000000000000001', 'x99999999999999999999', 'x3'],
    ['x3', 'x99999999999999999999', 'x100000000000000000001'],
  ],
  [
    ['1a', '1', '01'],
    ['01', '1', '1a'],
  ],
  [
    ['p1', 'p-1', 'p_1', 'pa'],
    ['p-1', 'p1', 'p_1', 'pa'],
  ],
])('sorts %j as people do', (given, wanted) => {
  expect(sorted(given)).toEqual(wanted);
  expect([...given].sort(naturalCompare)).toEqual(wanted);
});

test('is a total order: only equal names are equal', () => {
  const names = ['a1', 'A1', 'a01', 'á1', 'a１', '\u{1f38c}', '\n', '', 'a 1'];
  for (const a of names) {
    for (const b of names) {
      expect(Math.sign(naturalCompare(a, b))).toBe(0 - Math.sign(naturalCompare(b, a)));
      expect(naturalCompare(a, b) === 0).toBe(a === b);
    }
  }
});

test('sorts 100,000 names of one folder', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `page-${at}.png`);
  const shuffled = names.map((_, at) => names[(at * 7919) % names.length] as string);
  expect(sorted(shuffled)).toEqual(names);
});

test('compares paths segment by segment', () => {
  const paths = ['a/b.png', 'a.png', 'a/b/c.png', 'a-1/x.png', 'a'];
  expect([...paths].sort(naturalComparePaths)).toEqual(['a', 'a/b/c.png', 'a/b.png', 'a-1/x.png', 'a.png']);
});

test('paths are in natural order, and no folder is parted by its neighbour', () => {
  const paths = [
    'b/10.png',
    'b/2.png',
    'b c/1.png',
    'B/3.png',
    'b/é/1.png',
    'b/e/2.png',
    '１０/a.png',
    '9/a.png',
    'root.png',
    'b-1.png',
    'b/02.png',
    '第2巻/1.png',
    '第10巻/1.png',
    '/x',
    '',
  ];
  const byWholeKeys = naturalSort(paths, (path) => path.replaceAll('/', '\u0001'));
  expect(naturalSortPaths(paths, (path) => path)).toEqual(byWholeKeys);
  expect(naturalSortPaths(['b c/1', 'b/10', 'b/2'], (path) => path)).toEqual(['b/2', 'b/10', 'b c/1']);
});
