import { expect, test } from 'vitest';
import { fitEnd, fitText, padText, textWidth } from '../../src/report/text-width.ts';

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
  expect(textWidth('a\u0301')).toBe(1);
});

test('a long text costs no more than what is shown of it', () => {
  const long = '漫\u0301 '.repeat(300_000);
  const { user } = process.cpuUsage();
  expect(textWidth(fitText(long, 20))).toBeLessThanOrEqual(20);
  expect(textWidth(fitEnd(long, 20))).toBeLessThanOrEqual(20);
  expect((process.cpuUsage().user - user) / 1000).toBeLessThan(300);
});
