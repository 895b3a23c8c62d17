import { expect, test } from 'vitest';
import { toldInOrder } from '../../../src/run/slots/told-failures.ts';

const page = (id: string) => ({ id, path: `/in/${id}` });
const WHY = { reason: 'error', message: 'boom' } as const;

/** Each failed page with its place in a streak, of pages in order: lower case failed, upper case was done. */
const streaksOf = (pages: string): string => {
  const ids = [...pages];
  const told = new Map(ids.filter((id) => id === id.toLowerCase()).map((id) => [id, WHY]));
  const finished = ids.filter((id) => !told.has(id));
  return toldInOrder(ids.map(page), { told, finished })
    .map(({ page: { id }, streak, isFresh }) => `${id}${streak}${isFresh ? '!' : ''}`)
    .join(' ');
};

test.each([
  ['aBc', 'a1 c1'],
  ['Abc', 'b1 c2'],
  ['abCdeF', 'a1 b1 d1 e1'],
  ['abCde', 'a1 b1 d1 e2'],
  ['abc', 'a1! b2 c3'],
  ['ABC', ''],
])('of %s these are a streak to the end: %s', (pages, streaks) => {
  expect(streaksOf(pages)).toBe(streaks);
});
