import { expect, test } from 'vitest';
import { differenceInWords, optionsHash, optionsThatShape } from '../../../src/store/ledger/options-hash.ts';

test('is the same for the same options in another order', () => {
  const one = optionsHash({ translator: 'demo', more: { a: 1, b: [1, 2] } });
  expect(optionsHash({ more: { b: [1, 2], a: 1 }, translator: 'demo' })).toBe(one);
  expect(one).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ['translator', { translator: 'other' }],
  ['script', { script: 'translate.py' }],
  ['command', { command: 'x {input}' }],
  ['format', { format: 'png' }],
  ['arguments', { args: ['-l', 'ENG'] }],
  ['order of arguments', { args: ['ENG', '-l'] }],
])('is another one for another %s', (_what, but) => {
  const before = optionsThatShape({ translator: 'demo', args: ['-l', 'DEU'] });
  expect(optionsHash(optionsThatShape({ translator: 'demo', args: ['-l', 'DEU'], ...but }))).not.toBe(
    optionsHash(before),
  );
});

test('says what is different', () => {
  const before = optionsThatShape({ translator: 'demo', args: ['-l', 'ENG'] });
  const now = optionsThatShape({ translator: 'demo', format: 'png', args: ['-l', 'DEU'] });
  expect(differenceInWords(before, now)).toBe('args "-l ENG" (now "-l DEU"), format not set (now "png")');
  expect(differenceInWords(undefined, now)).toBe('which ones is not on record');
});
