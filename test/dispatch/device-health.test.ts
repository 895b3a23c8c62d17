import { expect, test } from 'vitest';
import { DeviceHealth } from '../../src/dispatch/device-health.ts';

const given = (strikesAtFirst = 2) => {
  const health = new DeviceHealth(strikesAtFirst);
  const fail = (gpu: number, page: string, isFresh = false): void =>
    health.failed(gpu, page, { words: `${page} failed`, isFresh });
  return { health, fail };
};

test('strikes are enough sooner where a device has never finished a page', () => {
  const { health } = given(2);
  health.strike(0, 'start');
  expect(health.hasStruckOut(0)).toBe(false);
  health.strike(0, 'start');
  expect(health.hasStruckOut(0)).toBe(true);
  health.finished(1, 'a');
  for (let strike = 0; strike < 2; strike += 1) health.strike(1, 'start');
  expect(health.hasStruckOut(1)).toBe(false);
  health.strike(1, 'start');
  expect(health.hasStruckOut(1)).toBe(true);
});

test('a page that finishes starts the count anew', () => {
  const { health } = given();
  health.strike(0, 'start');
  health.finished(0, 'a');
  health.strike(0, 'start');
  health.strike(0, 'start');
  expect(health.hasStruckOut(0)).toBe(false);
});

test('a device is benched once, and its last words are known', () => {
  const { health, fail } = given();
  fail(0, 'a');
  fail(0, 'b');
  expect([health.bench(0), health.bench(0)]).toEqual([true, false]);
  expect([health.benched, health.isBenched(0), health.isBenched(1)]).toEqual([[0], true, false]);
  expect([health.lastWordsOn(0), health.lastWordsOn(1)]).toEqual(['b failed', undefined]);
});

test('why a device is disabled: workers in a row that did not start, or pages that another one finished', () => {
  const { health } = given();
  for (let start = 0; start < 3; start += 1) health.startFailed(0, 'boom');
  // Not each of them is a strike: starts on several devices may have failed together.
  for (let strike = 0; strike < 2; strike += 1) health.strike(0, 'start');
  expect(health.whyStruckOut(0)).toBe('3 workers in a row finished no page. Last output: boom');
  health.strike(0, 'page');
  expect(health.whyStruckOut(0)).toBe(
    'Pages that failed on it were finished on another GPU. Last output: boom',
  );
});

test('a device is doubtful whose first two pages failed', () => {
  const { health, fail } = given();
  fail(0, 'a');
  fail(0, 'a');
  expect(health.isDoubtful(0)).toBe(false);
  fail(0, 'b');
  expect(health.isDoubtful(0)).toBe(true);
  expect(health.pagesInDoubt()).toEqual([{ page: 'a', gpu: 0 }]);
});

test('a device that has worked is doubtful once two pages failed from a fresh process on', () => {
  const { health, fail } = given();
  health.finished(0, 'good');
  for (const page of ['a', 'b', 'c']) fail(0, page);
  expect(health.isDoubtful(0)).toBe(false);
  fail(0, 'd', true);
  expect(health.isDoubtful(0)).toBe(false);
  fail(0, 'e');
  expect(health.isDoubtful(0)).toBe(true);
  health.finished(0, 'f');
  expect(health.isDoubtful(0)).toBe(false);
});

test('a page that finishes elsewhere is a strike where it failed, and the next failure there is a doubt', () => {
  const { health, fail } = given();
  fail(0, 'a');
  fail(0, 'b');
  expect(health.finished(1, 'a')).toEqual([0]);
  expect(health.isDoubtful(0)).toBe(false);
  fail(0, 'c');
  expect(health.isDoubtful(0)).toBe(true);
  expect(health.finished(1, 'c')).toEqual([0]);
  expect(health.hasStruckOut(0)).toBe(true);
});

test('a page that fails where others went well is to blame itself', () => {
  const { health, fail } = given();
  fail(0, 'a');
  fail(0, 'b');
  health.finished(1, 'good');
  fail(1, 'a');
  expect([health.isDoubtful(0), health.isDoubtful(1)]).toEqual([false, false]);
  expect(health.finished(1, 'a')).toEqual([]);
});

test('a device that finished pages since is not blamed for a failure before', () => {
  const { health, fail } = given();
  fail(0, 'a');
  health.finished(0, 'other');
  expect(health.finished(1, 'a')).toEqual([]);
  fail(0, 'b');
  expect(health.finished(0, 'b')).toEqual([]);
});

test('a page that has its end is asked about no more', () => {
  const { health, fail } = given();
  fail(0, 'a');
  fail(0, 'b');
  health.forget('a');
  expect(health.isDoubtful(0)).toBe(false);
  expect(health.finished(1, 'a')).toEqual([]);
});
