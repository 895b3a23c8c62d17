import { expect, test } from 'vitest';
import { failureEvent, ledgerLineOf, outcomeEvent } from '../../../src/store/outputs/end-of-page.ts';

const MADE = { source: null, output: null };
const WRITTEN = { made: MADE, gpuOf: () => 1, optionsHash: 'abc' };

test('a ledger line leaves out what only the events of a run tell', () => {
  const end = {
    slot: 'gpu1-0',
    attempt: 1,
    seconds: 2,
    notes: ['1 bubble'],
    waitSeconds: 3,
    staged: true,
    recovered: true,
  } as const;
  const event = outcomeEvent('a/1.png', {
    end,
    cost: 0.5,
    outcome: 'translated',
    at: 'a/1.png',
    unchanged: true,
  });
  expect(event).toEqual({
    type: 'page-finished',
    page: 'a/1.png',
    ...end,
    cost: 0.5,
    outcome: 'translated',
    output: 'a/1.png',
    unchanged: true,
  });
  expect(ledgerLineOf(event, WRITTEN)).toEqual({
    type: 'page-finished',
    page: 'a/1.png',
    slot: 'gpu1-0',
    gpu: 1,
    attempt: 1,
    seconds: 2,
    cost: 0.5,
    outcome: 'translated',
    unchanged: true,
    time: expect.any(String),
    ...MADE,
    options: 'abc',
  });
});

test('a page without output or slot has neither in its event and its line', () => {
  const told = {
    end: { attempt: 0 },
    cost: undefined,
    outcome: 'no-text',
    at: null,
    unchanged: false,
  } as const;
  const event = outcomeEvent('1.png', told);
  expect(event).toEqual({ type: 'page-finished', page: '1.png', attempt: 0, outcome: 'no-text' });
  expect(ledgerLineOf(event, WRITTEN)).not.toHaveProperty('gpu');
});

test('notes are added to the message of a page that failed', () => {
  const messageOf = (message: string | undefined, notes: readonly (string | undefined)[]) => {
    const end = { attempt: 2, ...(message !== undefined && { message }) };
    return failureEvent('1.png', { end, cost: undefined, reason: 'oom', notes }).message;
  };
  expect(messageOf('out of memory', [undefined, 'not copied'])).toBe('out of memory; not copied');
  expect(messageOf('', ['kept'])).toBe('kept');
  expect(messageOf(undefined, [undefined])).toBeUndefined();
});
