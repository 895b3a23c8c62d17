import { expect, test } from 'vitest';
import { exitCodeOf, type RunEnd } from '../../src/run/exit-code.ts';

const end = (counts: Partial<RunEnd['counts']>, more: Omit<RunEnd, 'counts'> = {}): number =>
  exitCodeOf({
    counts: { translated: 5, 'no-text': 1, untranslated: 0, failed: 0, skipped: 2, left: 0, ...counts },
    ...more,
  });

test.each([
  ['every page is good', end({}), 0],
  ['a page failed', end({ failed: 1 }), 1],
  ['a page stayed untranslated', end({ untranslated: 1 }), 1],
  ['the run could not go on', end({ failed: 1, left: 3 }, { cannotGoOn: true }), 3],
  ['time was up with pages left', end({ failed: 1, left: 3 }, { stopped: 'max-time', cannotGoOn: true }), 4],
  ['time was up at the last page', end({ failed: 1 }, { stopped: 'max-time' }), 1],
  ['SIGINT', end({ failed: 1, left: 1 }, { stopped: 'SIGINT', cannotGoOn: true }), 130],
  ['SIGTERM', end({ left: 1 }, { stopped: 'SIGTERM' }), 143],
  ['SIGHUP', end({ left: 1 }, { stopped: 'SIGHUP' }), 129],
  ['pages were left and nobody says why', end({ left: 1 }), 3],
])('%s', (_, code, expected) => {
  expect(code).toBe(expected);
});
