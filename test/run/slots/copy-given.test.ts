import { expect, test } from 'vitest';
import { areCopiesCheap } from '../../../src/run/slots/copy-given.ts';

test.each([
  ['a page of a model', { seconds: 2, copyMs: 3 }, true],
  ['a short page', { seconds: 0.1, copyMs: 0.1 }, false],
  ['a page that is copied to a slow disk', { seconds: 2, copyMs: 100 }, false],
  ['a long page on a slow disk', { seconds: 20, copyMs: 100 }, true],
])('copies for all pages: %s', (_what, page, isCheap) => {
  expect(areCopiesCheap(page)).toBe(isCheap);
});
