import { expect, test } from 'vitest';
import { escapeControls } from '../../src/model/escape-controls.ts';

test.each([
  ['a\nb\rc\td', 'a\\nb\\rc\\td'],
  ['\u001b[2J\u0007\u0000', '\\x1b[2J\\x07\\x00'],
  ['\u007f\u0085', '\\x7f\\x85'],
  ['gnp.\u202eevil', 'gnp.\\u202eevil'],
  ['\u2028\u2066', '\\u2028\\u2066'],
])('%j is shown as %s', (text, shown) => {
  expect(escapeControls(text)).toBe(shown);
});

test('leaves all other characters alone', () => {
  const name = '第1話/漫画 😀 – {input} $HOME \\x81.png';
  expect(escapeControls(name)).toBe(name);
});
