import { expect, test } from 'vitest';
import type { StopReason } from '../../src/model/stop.ts';
import { exitCodeOf, type RunEnd } from '../../src/run/exit-code.ts';

const end = (counts: Partial<RunEnd['counts']>, ...reasons: StopReason[]): number =>
  exitCodeOf({
    counts: { translated: 5, 'no-text': 1, untranslated: 0, failed: 0, skipped: 2, left: 0, ...counts },
    reasons: new Set(reasons),
  });

test.each([
  ['every page is good', end({}), 0],
  ['a page failed', end({ failed: 1 }), 1],
  ['a page stayed untranslated', end({ untranslated: 1 }), 1],
  ['the run could not go on', end({ failed: 1, left: 3 }, 'cannot-go-on'), 3],
  ['time was up with pages left', end({ failed: 1, left: 3 }, 'max-time', 'cannot-go-on'), 4],
  ['time was up at the last page', end({ failed: 1 }, 'max-time'), 1],
  ['SIGINT', end({ failed: 1, left: 1 }, 'cannot-go-on', 'SIGINT'), 130],
  ['SIGTERM', end({ left: 1 }, 'SIGTERM'), 143],
  ['SIGHUP', end({ left: 1 }, 'SIGHUP'), 129],
  ['SIGUSR1', end({ left: 1 }, 'SIGUSR1'), 138],
  ['SIGUSR2 after the time was up', end({ left: 1 }, 'max-time', 'SIGUSR2'), 140],
  ['SIGXCPU', end({}, 'SIGXCPU'), 152],
  ['SIGTERM after the batch system said that time is up', end({ left: 1 }, 'SIGUSR1', 'SIGTERM'), 143],
  ['Ctrl-C after the time was up', end({ left: 1 }, 'max-time', 'SIGINT'), 130],
  ['pages were left and nobody says why', end({ left: 1 }), 3],
])('%s', (_, code, expected) => {
  expect(code).toBe(expected);
});
