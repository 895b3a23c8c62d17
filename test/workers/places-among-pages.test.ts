import { expect, test } from 'vitest';
import { likelyOutputs, placesAmongPages, resultsAmongPages } from '../../src/workers/places-among-pages.ts';
import { processorMs } from '../fixtures/processor-ms.ts';

const PAGES = ['1.png', '2.png', 'ch1/1.png'];

const places = (images: readonly string[], pages = PAGES) =>
  placesAmongPages({ pages, images }).map(({ folder, isInEach }) => `${isInEach ? '*/' : ''}${folder}`);

test.each<[string, string[], string[]]>([
  ['a folder', ['result/1.png', 'result/ch1/1.png'], ['result']],
  ['folders in a folder', ['out/last/1.png', 'out/last/ch1/1.png'], ['out/last']],
  ['a folder beside each folder of pages', ['ch1/result/1.png'], ['*/result']],
  ['an ending in a folder', ['result/1_tr.webp'], ['result']],
  ['beside the pages', ['1_tr.png', 'ch1/1_tr.png'], ['']],
  [
    'results before masks, whatever is more',
    ['mask/1.png', 'mask/2.png', 'result/1.png'],
    ['result', 'mask'],
  ],
  ['more before less', ['x/1.png', 'y/1.png', 'y/2.png'], ['y', 'x']],
  ['names of no page', ['log/plot.png', 'cover.png', '10.png'], []],
])('%s', (_, images, expected) => {
  expect(places(images)).toEqual(expected);
});

test('outputs are the images of the likeliest place, under the names that they would have beside their pages', () => {
  const inInput = ['mask/1.png', 'result/1.png', 'result/ch1/1.png'];
  const misplaced = { pages: PAGES, inInput, overInput: ['2.png'] };
  expect(likelyOutputs(misplaced, { cut: false }).images).toEqual(['1.png', 'ch1/1.png']);
});

test.each([
  [['mask/1.png', 'mask/2.png'], false, ['1.png', '2.png']],
  [['mask/1.png', 'mask/2.png'], true, []],
  [['mask/1.png', 'mask/2.png', 'done/1.png'], true, ['1.png']],
  [['1.png'], true, ['1.png']],
])('%j of a child that was cut short: %s', (inInput, cut, outputs) => {
  expect(likelyOutputs({ pages: PAGES, inInput, overInput: [] }, { cut }).images).toEqual(outputs);
});

test('pages that were written over are outputs where there are no other images', () => {
  const misplaced = { pages: PAGES, inInput: [], overInput: ['2.png'] };
  expect(likelyOutputs(misplaced, { cut: true }).images).toEqual(['2.png']);
});

test('images with long paths cost little each', () => {
  const pages = Array.from({ length: 3000 }, (_, at) => `a/b/c/d/${'x'.repeat(100)}${at}.png`);
  const images = pages.map((page) => `r/s/${page}`);
  expect(processorMs(() => expect(places(images, pages)).toEqual(['r/s']))).toBeLessThan(1500);
});

test.each<[string[], string[]]>([
  [
    ['result/1.png', 'result/2.png'],
    ['result/1.png', 'result/2.png'],
  ],
  [['ch1/translated/1.png'], ['ch1/translated/1.png']],
  [
    ['1_en.png', '2_en.png'],
    ['1_en.png', '2_en.png'],
  ],
  [['mask/1.png', 'mask/2.png', 'out/1.png'], ['out/1.png']],
  [['translated_pages/1.webp'], ['translated_pages/1.webp']],
  // What may be made on the way to a page, or for whatever reason, says so only at the child's end.
  [['mask/1.png', 'mask/2.png'], []],
  [['result/1_mask.png', 'result/2_mask.png'], []],
  [['result/tmp/1.png', 'result/tmp/2.png'], []],
  [['x/1.png', 'x/2.png'], []],
  [['1_out.tmp.png'], []],
  [['result/cover.png', 'result/plot.png'], []],
])('of a child at work that made %j: %j are translated pages', (images, results) => {
  expect(resultsAmongPages({ pages: PAGES, images })).toEqual(results);
});
