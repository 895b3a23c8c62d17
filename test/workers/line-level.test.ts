import { expect, test } from 'vitest';
import { LineLevels, levelOfLine } from '../../src/workers/line-level.ts';

test.each([
  ['ERROR: [MangaTranslator] no model', 'error'],
  ['\u001b[31mERROR:\u001b[0m [local] broken', 'error'],
  ['2025-01-02 03:04:05,678 - manga - ERROR - broken', 'error'],
  ['2025-01-02 03:04:05.678 | WARNING  | x:y:1 - careful', 'warn'],
  ['[03:04:05] [DEBUG] tiles 4', 'debug'],
  ['WARNING: slow', 'warn'],
  ['CRITICAL:root:no disk', 'error'],
  ['[INFO] 3 pages', 'info'],
  ['/site-packages/torch/x.py:12: FutureWarning: old', 'warn'],
  ['translate.py: error: unrecognized arguments: --output', 'error'],
  ['torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB', 'error'],
  ['page 12 had 0 errors', 'info'],
  ['Translating error.png', 'info'],
  ['', 'info'],
])('%j is %s', (line, level) => {
  expect(levelOfLine(line)).toBe(level);
});

test('of a traceback the exception is the error', () => {
  const levels = new LineLevels();
  const lines = [
    'loading',
    'Traceback (most recent call last):',
    '  File "translate.py", line 3, in <module>',
    '    main()',
    '',
    'strange.PageTrouble: page is blank',
    'going on',
  ];
  expect(lines.map((line) => levels.levelOf(line))).toEqual([
    'info',
    'info',
    'info',
    'info',
    'info',
    'error',
    'info',
  ]);
});
