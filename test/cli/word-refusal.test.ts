import { expect, test } from 'vitest';
import { wordError } from '../../src/cli/word-refusal.ts';
import { cannotRun } from '../../src/refusal.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';

const word = (error: unknown, debug = false) => wordError(error, { paint: PLAIN_PAINT, debug });

test('words a refusal with its hint and nothing else', () => {
  expect(word(cannotRun('no GPU', 'use --gpus cpu'))).toEqual({
    text: 'error: no GPU\nhint: use --gpus cpu\n',
    exitCode: 3,
  });
});

test("keeps the lines of a child's last words and escapes all other controls", () => {
  expect(word(cannotRun('it said:\n\u001b[2Jboom')).text).toBe('error: it said:\n\\x1b[2Jboom\n');
});

test('words a bug in one line, its stack only where it is asked for', () => {
  const bug = new TypeError('x is\nundefined');
  expect(word(bug).text).toMatch(
    /^error: this is a bug in mgpu-translate: TypeError: x is\\nundefined\nhint: .*MGPU_DEBUG=1.*\n$/,
  );
  expect(word(bug).text).not.toContain('word-refusal.test.ts');
  expect(word(bug, true).text).toContain('word-refusal.test.ts');
  expect(word('thrown text').exitCode).toBe(3);
});
