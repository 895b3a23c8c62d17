import { expect, test } from 'vitest';
import { type Circumstances, CommonCause } from '../../src/dispatch/common-cause.ts';

const WORDS = 'OSError: no such model at 0x7f01';

function given({ slots = ['a'], ...more }: Partial<Circumstances> = {}) {
  const cause = new CommonCause();
  const circumstances = { slots, maySample: true, hasDoneBefore: false, ...more };
  let pages = 0;
  const fail = (count: number, { slot = slots[0] ?? '', isFarOff = false, message = WORDS } = {}): void => {
    for (let at = 0; at < count; at += 1) {
      pages += 1;
      cause.failed({ slot, page: `p${pages}`, message, isFarOff });
    }
  };
  return {
    cause,
    fail,
    words: () => cause.words(circumstances),
    place: () => cause.placeOfSample(circumstances),
  };
}

test('five pages, three of them from far off: nothing works', () => {
  const { fail, words, place } = given();
  fail(1);
  expect(place()).toBeUndefined();
  fail(1);
  const places = [0, 1, 2].map(() => {
    const at = place();
    expect(words()).toBeUndefined();
    fail(1, { isFarOff: true });
    return at;
  });
  expect(places).toEqual([0.2, 0.5, 0.8]);
  expect(words()).toBe(WORDS);
});

test('a first failure with other words does not hide what all others share', () => {
  const { fail, words } = given();
  fail(1, { message: 'EOFError: EOF when reading a line' });
  fail(2);
  fail(3, { isFarOff: true });
  expect(words()).toBe(WORDS);
});

test('every slot has to be heard', () => {
  const { fail, words } = given({ slots: ['a', 'b'] });
  fail(2);
  fail(3, { isFarOff: true });
  expect(words()).toBeUndefined();
  fail(1, { slot: 'b' });
  expect(words()).toBe(WORDS);
});

test('other words, or one page alone, are no common cause', () => {
  const other = given();
  other.fail(2);
  other.fail(3, { isFarOff: true });
  other.fail(1, { message: 'KeyError: text' });
  expect(other.words()).toBeUndefined();
  const { cause, words } = given();
  for (let time = 0; time < 9; time += 1) {
    cause.failed({ slot: 'a', page: 'p', message: WORDS, isFarOff: true });
  }
  expect(words()).toBeUndefined();
});

test('where pages went well in this run it takes ten in a row, and those that failed before are no news', () => {
  const { cause, fail, words } = given();
  fail(4);
  cause.finished();
  for (const page of ['p1', 'p2', 'p3', 'p4']) {
    cause.failed({ slot: 'a', page, message: WORDS, isFarOff: false });
  }
  cause.suspect('odd');
  cause.failed({ slot: 'a', page: 'odd', message: WORDS, isFarOff: false });
  expect(cause.sameWords).toBeUndefined();
  fail(6);
  fail(3, { isFarOff: true });
  expect(words()).toBeUndefined();
  fail(1);
  expect(words()).toBe(WORDS);
});

test('where earlier runs did good pages it takes four times as many', () => {
  const { fail, words } = given({ hasDoneBefore: true });
  fail(3, { isFarOff: true });
  fail(16);
  expect(words()).toBeUndefined();
  fail(1);
  expect(words()).toBe(WORDS);
});

test('where each failure costs a start, earlier good pages ask for no more of them', () => {
  const { fail, words } = given({ hasDoneBefore: true, takes: 'batch' });
  fail(2);
  fail(2, { isFarOff: true });
  expect(words()).toBeUndefined();
  fail(1, { isFarOff: true });
  expect(words()).toBe(WORDS);
});

test('with no page left to take from far off those at hand suffice; where some went well twice as many', () => {
  const first = given({ maySample: false });
  first.fail(5);
  expect(first.words()).toBe(WORDS);
  const later = given({ maySample: false });
  later.cause.finished();
  later.fail(19);
  expect(later.words()).toBeUndefined();
  later.fail(1);
  expect(later.words()).toBe(WORDS);
});
