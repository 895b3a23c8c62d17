import { expect, test } from 'vitest';
import { FailingStreak } from '../../../src/run/slots/failing-streak.ts';
import type { LoggedOutcome } from '../../../src/translators/translator.ts';

const failed = (message: string, reason: 'error' | 'unreadable' = 'error'): LoggedOutcome => ({
  outcome: 'failed',
  reason,
  message,
});
const GOOD: LoggedOutcome = { outcome: 'translated', saved: true };

/** The count after each page: `undefined` for one that the log says nothing of. */
function counts(outcomes: readonly (LoggedOutcome | undefined)[]): number[] {
  const told = new Map<string, LoggedOutcome | undefined>();
  const streak = new FailingStreak((page) => told.get(page));
  return outcomes.map((outcome, at) => {
    streak.started(`${at}`);
    told.set(`${at}`, outcome);
    return streak.now.count;
  });
}

test.each([
  [
    'the same words, with other particulars',
    [failed("no text in '1.png' (3)"), failed("no text in '2.png' (4)")],
    [1, 2],
  ],
  ['other words', [failed('no key'), failed('no memory'), failed('no memory')], [1, 1, 2]],
  ['a good page between', [failed('no key'), GOOD, failed('no key')], [1, 0, 1]],
  ['one that nothing was said of between', [failed('no key'), undefined, failed('no key')], [1, 1, 1]],
  [
    "one that can't be read between",
    [failed('no key'), failed('cut', 'unreadable'), failed('no key')],
    [1, 1, 2],
  ],
])('%s', (_what, outcomes, expected) => {
  expect(counts(outcomes)).toEqual(expected);
});

test('the words are those of the last failure', () => {
  const streak = new FailingStreak(() => failed('no key'));
  expect(streak.now).toEqual({ count: 0, message: '' });
  streak.started('a');
  expect(streak.now).toEqual({ count: 1, message: 'no key' });
});
