import { expect, test } from 'vitest';
import type { Page } from '../../../src/model/page.ts';
import { unpackedTogether } from '../../../src/store/archives/unpacked-together.ts';

const archive = {
  id: 'a.cbz',
  path: '/a.cbz',
  bytes: 1,
  mtimeMs: 1,
  directoryCrc: 1,
  pages: 9,
  outputs: 'x',
};

/** Pages of so many bytes in an archive; 0 for a file. */
const pagesOf = (sizes: readonly number[]): Page[] =>
  sizes.map((bytes, at) => ({
    id: `${at}`,
    path: `/${at}`,
    ...(bytes > 0 && {
      entry: {
        archive,
        name: `${at}`,
        offset: 0,
        isDeflated: false,
        compressedBytes: 1,
        bytes,
        mtimeMs: 1,
        crc32: 1,
      },
    }),
  }));

test.each([
  [[4, 4, 4], 2],
  [[5, 5], 2],
  [[11, 1], 1],
  [[0, 0, 0, 0], 4],
  [[0, 10, 0, 1], 3],
  [[], 0],
])('of pages of %j bytes with 10 to unpack: %i', (sizes, count) => {
  const pages = pagesOf(sizes);
  expect(unpackedTogether(pages, 1, 10)).toEqual(pages.slice(0, count));
  expect(unpackedTogether(pages, 4, 40)).toEqual(pages.slice(0, count));
});
