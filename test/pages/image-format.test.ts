import { expect, test } from 'vitest';
import { formatOf, formatOfSuffix, hasImageSuffix, IMAGE_SUFFIXES } from '../../src/pages/image-format.ts';
import { jxl, oneOfEach, tiff } from '../fixtures/images.ts';

test.each(Object.entries(oneOfEach()))('knows %s by its first bytes', (format, bytes) => {
  expect(formatOf(bytes)).toBe(format);
  expect(formatOf(bytes.subarray(0, 64))).toBe(format);
});

test('knows the other forms of TIFF and JPEG XL', () => {
  expect(formatOf(tiff(4, 4, { little: false }))).toBe('tiff');
  expect(formatOf(tiff(4, 4, { big: true }))).toBe('tiff');
  expect(formatOf(tiff(4, 4, { big: true, little: false }))).toBe('tiff');
  expect(formatOf(jxl(8, 8, { bare: true }))).toBe('jxl');
});

test('knows an AVIF by a brand behind the major one, and no HEIC', () => {
  const ftyp = (brands: string): Buffer => Buffer.from(`\0\0\0\x1cftyp${brands}`, 'latin1');
  expect(formatOf(ftyp('mif1\0\0\0\0miafavif\0\0\0\0'))).toBe('avif');
  expect(formatOf(ftyp('avis\0\0\0\0msf1miaf\0\0\0\0'))).toBe('avif');
  expect(formatOf(ftyp('heic\0\0\0\0mif1heic\0\0\0\0'))).toBeUndefined();
});

test.each(['', 'BM', 'BMW and other cars, a text', '<!DOCTYPE html>', 'RIFF1234WAVE', 'PK\x03\x04'])(
  'takes %j for no image',
  (text) => {
    expect(formatOf(Buffer.from(text))).toBeUndefined();
  },
);

test('goes by the suffix in any case', () => {
  for (const suffix of IMAGE_SUFFIXES) expect(hasImageSuffix(`a.${suffix.toUpperCase()}`)).toBe(true);
  expect(IMAGE_SUFFIXES).toHaveLength(11);
  expect(['a.txt', 'png', '.png', 'a.png/b', 'a.png.part', 'a.'].filter(hasImageSuffix)).toEqual([]);
  expect(formatOfSuffix('x.JFIF')).toBe('jpeg');
  expect(formatOfSuffix('x.tif')).toBe('tiff');
});
