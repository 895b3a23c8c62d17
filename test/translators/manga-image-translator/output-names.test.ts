import { expect, test } from 'vitest';
import {
  mangaNameInBatch,
  mangaOutputName,
} from '../../../src/translators/manga-image-translator/output-names.ts';

test.each([
  ['a.png', 'a.png'],
  ['ch1/A.PNG', 'ch1/A.png'],
  ['a.JPG', 'a.jpg'],
  ['a.jpeg', 'a.jpeg'],
  ['a.WebP', 'a.webp'],
  ['a.bmp', 'a.png'],
  ['a.GIF', 'a.png'],
  ['a.tiff', 'a.png'],
  ['a.avif', 'a.png'],
  ['a.jfif', 'a.png'],
  ['v1.2/b.c.tif', 'v1.2/b.c.png'],
])('the output of %j is %j', (page, output) => {
  expect(mangaOutputName(page)).toBe(output);
});

test('a format wins', () => {
  expect(mangaOutputName('ch1/a.bmp', 'webp')).toBe('ch1/a.webp');
});

test.each([
  ['²1.png', '²_1.png'],
  ['1②3.png', '1②_3.png'],
  ['²1/²1.bmp', '²1/²_1.png'],
  ['a²1.png', 'a²1.png'],
  ['第１話.png', '第１話.png'],
  ['².png', '².png'],
])('%j, whose number its sort may not read, is %j in a batch', (page, name) => {
  expect(mangaNameInBatch(page)).toBe(name);
});
