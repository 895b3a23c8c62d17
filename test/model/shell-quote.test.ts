import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuote } from '../../src/model/shell-quote.ts';

test('plain words stand as they are', () => {
  expect(shellQuote(['run', './input', '--gpus', '0,1'])).toBe('run ./input --gpus 0,1');
});

test('any word comes back from a shell as it was, from one line', () => {
  const words = [
    '',
    'a b',
    `it's "x" $HOME \`id\` !x`,
    'one\ntwo',
    "%s\\n \t'q'",
    'a\u202eb',
    '漫画',
    '-n',
    '*',
  ];
  const line = shellQuote(words);
  expect(line).not.toMatch(/[\n\t\u202e]/);
  const printed = execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`]);
  expect(printed.toString().split('\0').slice(0, -1)).toEqual(words);
});
