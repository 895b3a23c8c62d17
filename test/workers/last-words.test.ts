import { expect, test } from 'vitest';
import {
  LastWords,
  mainLine,
  tellsException,
  wantedBytes,
  withoutParticulars,
} from '../../src/workers/last-words.ts';

const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "translate.py", line 3, in <module>',
  '    import torch',
  "ModuleNotFoundError: No module named 'torch'",
];

test('the exception of a traceback says most, also with lines behind it', () => {
  expect(mainLine([...TRACEBACK, 'bye'])).toBe("ModuleNotFoundError: No module named 'torch'");
});

test('without an exception a complaint says most, else the last line, else nothing', () => {
  expect(mainLine(['loading', 'fatal: cannot open display', 'see the manual'])).toBe(
    'fatal: cannot open display',
  );
  expect(mainLine(['loading', 'page 3'])).toBe('page 3');
  expect(mainLine([])).toBe('');
});

test('reads the size that was wanted', () => {
  expect(wantedBytes('Tried to allocate 13.42 GiB. GPU 0')).toBe(Math.round(13.42 * 1024 ** 3));
  expect(wantedBytes('Tried to allocate 20.00 MiB')).toBe(20 * 1024 ** 2);
  expect(wantedBytes('buffer: requested buffer of size 512')).toBe(512);
  expect(wantedBytes('no number')).toBeUndefined();
});

test('an exception is told from talk about errors', () => {
  expect(tellsException(TRACEBACK)).toBe(true);
  expect(tellsException(['ERROR: [local] ValueError: stub detection failed'])).toBe(true);
  expect(tellsException(['errors so far: 0'])).toBe(false);
});

test('paths, quotes and numbers make no difference between last words', () => {
  const one = withoutParticulars("FileNotFoundError: [Errno 2] No such file: '/a/b.png' (gpu 0)");
  const other = withoutParticulars("FileNotFoundError: [Errno 2] No such file: '/c/d e.png' (gpu 7)");
  expect(one).toBe(other);
  expect(withoutParticulars('ValueError: x')).not.toBe(withoutParticulars('KeyError: x'));
});

test('holds a few short lines whatever is said', () => {
  const words = new LastWords();
  for (let line = 0; line < 10_000; line += 1) words.add(`${line} ${'x'.repeat(10_000)}`);
  expect(words.lines.length).toBeLessThan(100);
  expect(words.lines.join('').length).toBeLessThan(100_000);
  expect(words.lines.at(-1)).toMatch(/^9999 /);
});
