import { expect, test } from 'vitest';
import { eventIn } from '../../../src/report/history/read-events.ts';
import { isUsualEvent } from '../../../src/report/history/usual-event.ts';

const time = '2026-01-02T03:04:05.678Z';
const STARTED = { type: 'page-started', time, page: '1.png', slot: 'gpu0-0', attempt: 1 };
const FINISHED = {
  ...STARTED,
  type: 'page-finished',
  outcome: 'failed',
  reason: 'oom',
  message: 'out of memory',
  seconds: 0.5,
  cost: 0.1,
  output: '1.png',
  unchanged: true,
  recovered: true,
  waitSeconds: 1,
  staged: true,
  originalInPlace: true,
};
const ODD = [undefined, null, '', 'x', -1, 0.5, 2 ** 60, true, false, [], {}, ['x'], [1]];

/** What is usual is taken as it is; everything else is up to the checks of all kinds. */
function isTakenWrongly(event: Record<string, unknown>): boolean {
  if (!isUsualEvent(JSON.parse(JSON.stringify(event)))) return false;
  // An event of another kind has no quick check: the notes make it one.
  const checked = eventIn(JSON.stringify({ ...event, notes: ['x'] }));
  const { notes: _, ...rest } = (checked ?? {}) as Record<string, unknown>;
  return (
    JSON.stringify(Object.entries(rest).sort()) !==
    JSON.stringify(Object.entries(JSON.parse(JSON.stringify(event))).sort())
  );
}

test('events of pages are usual', () => {
  expect([STARTED, FINISHED].map(isUsualEvent)).toEqual([true, true]);
  expect(isUsualEvent({ type: 'page-stage', time, page: '1.png', slot: 'gpu0-0', stage: 'ocr' })).toBe(false);
});

test.each(Object.keys(FINISHED))('nothing odd in the field %s is taken for usual', (field) => {
  for (const odd of ODD) {
    expect(isTakenWrongly({ ...FINISHED, [field]: odd }), JSON.stringify(odd)).toBe(false);
    expect(isUsualEvent({ ...STARTED, time: 'x' })).toBe(false);
  }
});
