import { expect, test } from 'vitest';
import { whyItEnded } from '../../src/cli/tell-why.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';

test('reason and hint, each by its name', () => {
  const ended = { message: 'no space is left\nmake room', hint: 'make room' };
  expect(whyItEnded(ended, PLAIN_PAINT)).toBe('error: no space is left\nhint: make room\n');
});

test('last words keep their lines and lose their control characters', () => {
  const ended = { message: 'every worker fails the same way: \x1b[2Jx\n  | \x1b]0;title\x07' };
  expect(whyItEnded(ended, PLAIN_PAINT)).toBe(
    'error: every worker fails the same way: \\x1b[2Jx\n  | \\x1b]0;title\\x07\n',
  );
});

test('nothing where the run went on to its end', () => {
  expect(whyItEnded({}, PLAIN_PAINT)).toBe('');
});
