import { expect, test } from 'vitest';
import { withoutPaths, withoutQuotes } from '../../src/translators/said-text.ts';

test('takes out what is quoted, with quotes in it', () => {
  expect(withoutQuotes(String.raw`saw "a \"b\" c" and 'd'.`)).toBe('saw  …  and  … .');
});

test.each([`"${'\\"'.repeat(900)}`, `'${"\\'x".repeat(600)} y`, '\\'.repeat(2000), '"\\'.repeat(1000)])(
  'a line of %.20s is answered, where a regular expression would not come to an end',
  (line) => {
    expect(withoutPaths(withoutQuotes(line)).length).toBeLessThanOrEqual(line.length + 3);
  },
);
