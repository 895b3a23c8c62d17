import { expect, test } from 'vitest';
import {
  nameBy,
  type OutputPattern,
  parseOutputPattern,
  patternText,
  stemBy,
} from '../../src/pages/output-pattern.ts';

function pattern(text: string): OutputPattern {
  const read = parseOutputPattern(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

test.each([
  ['{stem}_translated{ext}', 'ch/001.png', 'ch/001_translated.png'],
  ['{stem}{ext}', '001.png', '001.png'],
  ['{stem}_clean.png', '001.jpg', '001_clean.png'],
  ['{stem}.PNG', '001.jpg', '001.png'],
  ['translated_{stem}{ext}', 'a/b/001.webp', 'a/b/translated_001.webp'],
  ['out-{stem} (en){ext}', '第１話.v2.png', 'out-第１話.v2 (en).png'],
  ['{stem}.png{ext}', '001.png', '001.png.png'],
])('%s: %s comes as %s, and back', (text, page, output) => {
  expect(nameBy(pattern(text), page)).toBe(output);
  expect(stemBy(pattern(text), output)).toBe(page.replace(/\.\w+$/, ''));
  expect(parseOutputPattern(patternText(pattern(text)))).toEqual(pattern(text));
});

test.each([
  ['_translated{ext}', '{stem}, a page'],
  ['{stem}{stem}{ext}', 'once'],
  ['{stem}_x', 'has to end with {ext} or an image suffix'],
  ['{stem}_x.txt', 'image suffix'],
  ['{stem}{ext}_x', '{ext} may stand at its end alone'],
  ['{ext}{stem}{ext}', '{ext} may stand at its end alone'],
  ['{stem}_{lang}{ext}', '{lang} is no placeholder'],
  ['{name}{stem}.png', '{name} is no placeholder'],
  ['result/{stem}{ext}', 'it may hold no /'],
  [`${'x'.repeat(255)}{stem}{ext}`, '255 characters'],
])('%s is refused', (text, why) => {
  expect(parseOutputPattern(text)).toContain(why);
});

test.each([
  ['{stem}_t{ext}', '001.png'],
  ['{stem}_t{ext}', '_t.png'],
  ['t_{stem}_t{ext}', 't_t.png'],
  ['{stem}_t.png', '001_t.jpg'],
  ['t_{stem}{ext}', 't_ch/001.png'],
])('%s: no page has %s', (text, name) => {
  expect(stemBy(pattern(text), name)).toBeUndefined();
});

test('names are compared in one form, and a suffix in any case', () => {
  expect(stemBy(pattern('{stem}_é{ext}'), 'e\u0301_e\u0301.png')).toBe('é');
  expect(stemBy(pattern('{stem}_t.png'), '001_t.PNG')).toBe('001');
});
