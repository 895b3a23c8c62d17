import { expect, test } from 'vitest';
import { fitEnd, fitMiddle, fitText, padText, textWidth, wrapWords } from '../../src/report/text-width.ts';

test('cuts wide characters at their width, never in the middle of one', () => {
  expect(fitText('漫画翻訳', 6)).toBe('漫画…');
  expect(fitText('漫画翻訳', 8)).toBe('漫画翻訳');
  expect(fitText('👩‍👩‍👧 family', 4)).toBe('👩‍👩‍👧 …');
});

test('keeps the end of a path', () => {
  expect(fitEnd('第1話/chapter/003.png', 10)).toBe('…r/003.png');
});

test('fills up to columns, not characters', () => {
  expect(textWidth(padText('漫', 5, 'left'))).toBe(5);
  expect(padText('7', 3, 'right')).toBe('  7');
});

test('letters of Latin take one column each, what is invisible none', () => {
  expect(textWidth('0 ×8, é')).toBe(7);
  expect(textWidth('a\u00adb')).toBe(2);
  expect(textWidth('a\u200b\u2060\ufeffb')).toBe(2);
  expect(textWidth('a\u0301')).toBe(1);
});

test('a syllable takes as much in parts as whole', () => {
  expect(textWidth('한글')).toBe(4);
  expect(textWidth('한글'.normalize('NFD'))).toBe(4);
  expect(textWidth('か\u3099')).toBe(2);
});

test('a name loses its middle', () => {
  expect(fitMiddle('NVIDIA GeForce RTX 4090', 13)).toBe('NVIDIA…X 4090');
  expect(fitMiddle('漫画漫画漫画', 7)).toBe('漫画…画');
  for (const width of [0, 1, 2, 3, 4, 5, 8, 30])
    expect(textWidth(fitMiddle('a漫b画c漫d画', width))).toBeLessThanOrEqual(width);
});

test('words stay whole where a line is parted, and the lines below are indented', () => {
  expect(wrapWords('  a.png  the font is missing', 16, 4).split('\n')).toEqual([
    '  a.png  the',
    '    font is',
    '    missing',
  ]);
  expect(wrapWords('see /a/path/that/is/longer/than/that', 10, 2)).toBe(
    'see\n  /a/path/that/is/longer/than/that',
  );
  expect(wrapWords('漫画 漫画 漫画', 9, 0)).toBe('漫画 漫画\n漫画');
  expect(wrapWords('as it is', undefined, 2)).toBe('as it is');
});
