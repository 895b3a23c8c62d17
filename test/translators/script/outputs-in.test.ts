import { expect, test } from 'vitest';
import {
  folderAmongPages,
  isAmongPages,
  outputsInOf,
  parseOutputsIn,
} from '../../../src/translators/script/outputs-in.ts';

const BATCH = { input: '/w/in', output: '/w/out' };

test.each([
  ['{input}/result', '/w/in/result', true, 'result'],
  ['{input}/result/', '/w/in/result', true, 'result'],
  ['{input}/./a//b', '/w/in/a/b', true, 'a'],
  ['{input}', '/w/in', true, undefined],
  ['{input}/', '/w/in', true, undefined],
  ['{input}-translated', '/w/in-translated', false, undefined],
  ['{output}/in', '/w/out/in', false, undefined],
  ['{input}/it\'s, 漫 "x"', '/w/in/it\'s, 漫 "x"', true, 'it\'s, 漫 "x"'],
])('%s is a place in a batch', (text, folder, isAmong, name) => {
  const place = parseOutputsIn(text);
  if (typeof place === 'string') throw new Error(place);
  expect(outputsInOf(place, BATCH)).toBe(folder);
  expect(isAmongPages(place)).toBe(isAmong);
  expect(folderAmongPages(place)).toBe(name);
});

test.each([
  ['/home/me/out', /begin with \{input\} or \{output\}/],
  ['result', /begin with/],
  ['{page}/x', /begin with/],
  ['{input}/../x', /leads out of the batch/],
  ['{input}/a/../../x', /leads out of the batch/],
  ['{output}/..', /leads out of the batch/],
  ['{input}/{slot}', /\{slot\} is not a placeholder here/],
])('%s is none', (text, why) => {
  expect(parseOutputsIn(text)).toMatch(why);
});
