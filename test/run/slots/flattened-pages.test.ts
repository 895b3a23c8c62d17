import { expect, test } from 'vitest';
import { flattenedPages } from '../../../src/run/slots/flattened-pages.ts';

const PAGES = ['ch1/1.png', 'ch1/2.png', 'ch2/1.png', 'ch2/3.png'];

test.each<[string[], string[], string[]]>([
  [PAGES, ['1.png', '2.png'], ['1.png', '2.png']],
  [PAGES, ['1.jpg', '3.jpg', 'log.png'], ['1.jpg', '3.jpg']],
  [PAGES, ['1_tr.png', '2_tr.png', '1_mask.png'], ['1_tr.png', '2_tr.png']],
  [['a/1.png', 'b/1.png'], ['1.png'], ['1.png']],
  // One of several may be anything; so may what is made on the way to a page.
  [PAGES, ['1.png'], []],
  [PAGES, ['1_mask.png', '2_mask.png'], []],
  [PAGES, ['out/1.png', 'out/2.png'], []],
  [PAGES, ['cover.png', 'plot.png'], []],
  [PAGES, ['1.png', '2.png', 'ch1/1.png'], []],
  [['1.png', '2.png'], ['1_x.png', '2_x.png'], []],
])('of %j, %j are pages without their folders: %j', (pages, images, flattened) => {
  expect(flattenedPages({ pages, images })).toEqual(flattened);
});
