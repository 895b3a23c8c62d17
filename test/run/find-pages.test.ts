import { expect, test } from 'vitest';
import { dealRound } from '../../src/run/find-pages.ts';

const page = (id: string) => ({ id, path: `/in/${id}` });
const IDS = ['a/1.png', 'a/2.png', 'a/b/1.png', 'a/3.png', 'c/1.png', 'd/1.png', '0.png'];

/** Which part takes each page. */
const dealt = (of: number, byFolder: boolean): number[][] => {
  const parts = Array.from({ length: of }, (_, at) => dealRound({ index: at + 1, of }, byFolder));
  return IDS.map((id) => parts.flatMap((takes, at) => (takes(page(id)) ? [at + 1] : [])));
};

test('deals pages round: each belongs to one part, and parts differ by one page at most', () => {
  expect(dealt(3, false)).toEqual([[1], [2], [3], [1], [2], [3], [1]]);
});

test('deals whole folders round, also where a subfolder stands among a folder’s pages', () => {
  expect(dealt(2, true)).toEqual([[1], [1], [2], [1], [1], [2], [1]]);
});

test('one part of one takes all', () => {
  expect(dealt(1, false).flat()).toEqual(IDS.map(() => 1));
  expect(dealt(1, true).flat()).toEqual(IDS.map(() => 1));
});
