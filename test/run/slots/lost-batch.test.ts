import { expect, test } from 'vitest';
import { lostBatch } from '../../../src/run/slots/lost-batch.ts';

const page = { id: '1.png', path: '/in/1.png' };
const LIMITS = { pageTimeoutMs: 9000, startTimeoutMs: 18_000 };
const BESIDE = { ofDevice: false, loading: false };

/** A child that gave no sign of its only page until it was stopped. */
const silent = (endedBy: 'page-timeout' | 'start-timeout') =>
  lostBatch(
    {
      end: { by: 'signal', signal: 'SIGTERM' },
      endedBy,
      finished: [],
      named: [],
      outputsSinceNamed: 0,
      broken: new Map(),
      others: [],
      lastLines: ['loading'],
      wrote: '',
    },
    {
      undone: [page],
      failed: [],
      beside: BESIDE,
      limits: LIMITS,
      batch: {
        by: 'work',
        slot: { id: 'cpu-0', gpu: null },
        pages: [page],
        alone: true,
        attempt: 1,
        isLastTry: false,
        needsFresh: true,
      },
    },
  );

test('a page that a program hangs on is not a start that failed, once starts are known', () => {
  expect(silent('page-timeout')).toMatchObject({
    by: 'lost',
    failed: [{ page, reason: 'timeout', message: 'no output for 9 s' }],
  });
  expect(silent('start-timeout')).toMatchObject({
    by: 'no-start',
    alone: { page, reason: 'timeout', message: 'no page started within 18 s' },
  });
});
