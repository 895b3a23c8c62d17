import { expect, test } from 'vitest';
import { RefusedPages } from '../../src/dispatch/refused-pages.ts';
import { ServiceGate } from '../../src/dispatch/service-gate.ts';

const gateOf = (longestMs = 0) => new ServiceGate(longestMs, () => 0);
const refuse = (gate: ServiceGate, slot: string, page: string, atMs: number, retryAfterSeconds?: number) =>
  gate.refused({ slot, page, retryAfterSeconds }, atMs);

test('waits double from two seconds to two minutes as long as the service refuses', () => {
  const gate = gateOf();
  const waits: number[] = [];
  let nowMs = 0;
  for (let turn = 0; turn < 9; turn += 1) {
    gate.asked('a');
    const answer = refuse(gate, 'a', `p${turn}`, nowMs);
    if (answer.by !== 'wait') throw new Error(answer.by);
    waits.push(answer.seconds);
    nowMs += answer.seconds * 1000;
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 120, 120, 120]);
});

test('what the service asks for is waited for, ten minutes at most', () => {
  expect(refuse(gateOf(), 'a', 'p', 0, 7)).toEqual({ by: 'wait', seconds: 7, isNew: true });
  expect(refuse(gateOf(), 'a', 'p', 0, 7000)).toMatchObject({ seconds: 600 });
});

test('one asks again after the wait, and the others follow once that is answered', () => {
  const gate = gateOf();
  refuse(gate, 'a', 'p', 0);
  expect([gate.isOpen, gate.mayAsk(1999), gate.mayAsk(2000), gate.opensAtMs]).toEqual([
    false,
    false,
    true,
    2000,
  ]);
  gate.asked('b');
  expect([gate.mayAsk(3000), gate.opensAtMs]).toEqual([false, undefined]);
  gate.answered('c', 'asked before');
  expect(gate.isOpen).toBe(false);
  gate.answered('b', 'q');
  expect([gate.isOpen, gate.mayAsk(3000)]).toEqual([true, true]);
});

test('who was to ask and did not leaves it to another', () => {
  const gate = gateOf();
  refuse(gate, 'a', 'p', 0);
  gate.asked('b');
  gate.notAsked('b');
  expect(gate.mayAsk(2000)).toBe(true);
});

test('a refusal of what was asked before the others knew is nothing new', () => {
  const gate = gateOf();
  refuse(gate, 'a', 'p', 0);
  expect(refuse(gate, 'b', 'q', 500)).toEqual({ by: 'wait', seconds: 1.5, isNew: false });
});

test('a service that refuses for too long is given up', () => {
  const gate = gateOf(5000);
  refuse(gate, 'a', 'p', 0);
  gate.asked('a');
  expect(refuse(gate, 'a', 'p', 2000).by).toBe('wait');
  gate.asked('a');
  expect(refuse(gate, 'a', 'p', 6000).by).toBe('given-up');
});

test('a page is to blame that is refused three times while others pass', () => {
  const pages = new RefusedPages();
  const pass = (count: number): void => {
    for (let page = 0; page < count; page += 1) pages.answered(`good ${page}`);
  };
  expect(pages.refused('a')).toBe(false);
  expect(pages.due).toEqual([]);
  pass(5);
  expect(pages.due).toEqual(['a']);
  expect(pages.refused('a')).toBe(false);
  expect(pages.refused('a')).toBe(false);
  pass(1);
  expect(pages.refused('a')).toBe(true);
});

test('where others are refused as well, no page is to blame', () => {
  const pages = new RefusedPages();
  for (let turn = 0; turn < 9; turn += 1) {
    expect(pages.refused('a')).toBe(false);
    expect(pages.refused(`other ${turn}`)).toBe(false);
    pages.answered(`good ${turn}`);
  }
});
