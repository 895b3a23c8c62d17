import { expect, test } from 'vitest';
import { Handover } from '../../../src/run/slots/handover.ts';

const LEAST_GAP = 0.002;

/** Pages of so many seconds, each handed on so long after the answer to the one before. */
function afterPages(pages: readonly number[], gapMs = 0.1): Handover {
  let nowMs = 0;
  const handover = new Handover(LEAST_GAP, () => nowMs);
  for (const seconds of pages) {
    nowMs += seconds * 1000;
    handover.answered({ by: 'done', outcome: 'translated', seconds });
    nowMs += gapMs;
    handover.handedOn();
  }
  return handover;
}

test('nothing is sent ahead before a page was measured: it could not be recalled', () => {
  expect(new Handover(LEAST_GAP).isWorthSendingAhead).toBe(false);
});

test('short pages are sent ahead, long ones are held', () => {
  expect(afterPages([0.2]).isWorthSendingAhead).toBe(true);
  expect(afterPages([0.9]).isWorthSendingAhead).toBe(true);
  expect(afterPages([1.1]).isWorthSendingAhead).toBe(false);
  expect(afterPages([20, 20]).isWorthSendingAhead).toBe(false);
});

test('where handing a page on takes long, longer pages are sent ahead too', () => {
  expect(afterPages([5, 5, 5, 5, 5, 5, 5, 5], 20).isWorthSendingAhead).toBe(true);
  expect(afterPages([20, 20, 20, 20, 20, 20, 20], 20).isWorthSendingAhead).toBe(false);
});

test('it follows pages that become longer', () => {
  expect(afterPages([0.2, 0.2, 0.2, 0.2, 4, 4]).isWorthSendingAhead).toBe(false);
});

test('one stall of the launcher is forgotten', () => {
  let nowMs = 0;
  const handover = new Handover(LEAST_GAP, () => nowMs);
  const page = (gapMs: number | undefined): void => {
    nowMs += 25_000;
    handover.answered({ by: 'done', outcome: 'translated', seconds: 25 });
    if (gapMs === undefined) return;
    nowMs += gapMs;
    handover.handedOn();
  };
  page(250);
  expect(handover.isWorthSendingAhead).toBe(true);
  for (let sent = 0; sent < 4; sent += 1) page(undefined);
  expect(handover.isWorthSendingAhead).toBe(false);
});

test('a worker that was lost says nothing of the next one', () => {
  const handover = new Handover(LEAST_GAP);
  handover.answered({ by: 'handed-back', end: { by: 'exit', code: 0 } });
  expect(handover.isWorthSendingAhead).toBe(false);
});
