import { expect, test } from 'vitest';
import { isShown } from '../../src/report/shown-level.ts';

test('lines below the chosen level are not shown, and none at silent', () => {
  expect(isShown('warn', 'warn')).toBe(true);
  expect(isShown('info', 'warn')).toBe(false);
  expect(isShown('error', 'silent')).toBe(false);
});
