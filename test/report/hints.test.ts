import { expect, test } from 'vitest';
import { hintFor } from '../../src/report/hints.ts';

const pages = (messages: readonly string[]) =>
  messages.map((message, at) => ({ page: `${at}.png`, message, attempts: 3 }));

test.each([
  [['no output for 900 s'], 'raise --page-timeout (0 turns it off)'],
  [['no response for 900 s: loading'], 'raise --page-timeout (0 turns it off)'],
  [['no page started within 1800 s'], 'raise --start-timeout (0 turns it off)'],
  [
    ['no output for 9 s', 'no page started within 18 s'],
    'raise --page-timeout or --start-timeout (0 turns it off)',
  ],
  [[], 'raise --page-timeout (0 turns it off)'],
])('after %j the hint names the limit that was reached', (messages, words) => {
  expect(hintFor('timeout', pages(messages), undefined)).toBe(`if these pages need more time, ${words}`);
});
