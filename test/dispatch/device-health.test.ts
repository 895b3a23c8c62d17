import { expect, test } from 'vitest';
import { DeviceHealth } from '../../src/dispatch/device-health.ts';

const WORDS = 'RuntimeError: no CUDA device';

/** The health of GPUs with a slot each. */
function given(gpus: number, workers = 1) {
  const slots = Array.from({ length: gpus * workers }, (_, at) => `gpu${at % gpus}-${Math.floor(at / gpus)}`);
  const health = new DeviceHealth(slots);
  const lost = (slot: string, page?: string, lastWords = WORDS): void =>
    health.lost({ slot, gpu: Number(slot[3]), page, lastWords });
  return { health, lost };
}

test('three strikes bench a GPU, once', () => {
  const { health } = given(2);
  expect([health.strike(0), health.strike(0), health.strike(1)]).toEqual([false, false, false]);
  expect(health.isBenched(0)).toBe(false);
  expect(health.strike(0)).toBe(true);
  expect(health.isBenched(0)).toBe(true);
  expect(health.strike(0)).toBe(false);
  expect(health.isBenched(1)).toBe(false);
});

test('what its last worker said is known of a GPU that is benched, whatever struck it', () => {
  const { health, lost } = given(2);
  lost('gpu0-0', undefined, 'first');
  lost('gpu0-0', undefined, 'last');
  health.blame({ gpu: 1, lastWords: 'on a page' }, 'a');
  expect([health.lastWordsOn(0), health.lastWordsOn(1)]).toEqual(['last', 'on a page']);
  health.bench(1, 'it stayed');
  expect(health.lastWordsOn(1)).toBe('it stayed');
  expect(health.lastWordsOn(2)).toBe(undefined);
});

test('only workers in a row count: a page that finishes there starts anew', () => {
  const { health } = given(1);
  health.strike(0);
  health.strike(0);
  expect(health.finished(0, 'a')).toEqual([]);
  expect([health.strike(0), health.strike(0)]).toEqual([false, false]);
  expect(health.strike(0)).toBe(true);
});

test('a GPU that is spared has its strikes, and is benched with the next', () => {
  const { health } = given(1);
  health.strike(0);
  health.strike(0);
  expect(health.strike(0, { isSpared: true })).toBe(false);
  expect(health.hasStruckOut(0)).toBe(true);
  expect(health.isBenched(0)).toBe(false);
  expect(health.strike(0)).toBe(true);
});

test('a worker lost on a page counts once the page finishes elsewhere', () => {
  const { health, lost } = given(2);
  for (const page of ['a', 'b', 'c']) lost('gpu0-0', page);
  expect(health.finished(1, 'a')).toEqual([]);
  expect(health.finished(1, 'b')).toEqual([]);
  expect(health.finished(1, 'c')).toEqual([0]);
});

test('a page that finishes where it failed before was no fault of the GPU', () => {
  const { health, lost } = given(2);
  for (const page of ['a', 'b', 'c', 'd']) {
    lost('gpu0-0', page);
    expect(health.finished(0, page)).toEqual([]);
  }
  expect(health.isBenched(0)).toBe(false);
});

test('a GPU that finished pages since is not blamed for a loss before', () => {
  const { health, lost } = given(2);
  for (const page of ['a', 'b', 'c']) {
    lost('gpu0-0', page);
    health.finished(0, `${page}-other`);
    expect(health.finished(1, page)).toEqual([]);
  }
});

test('the same last words on every slot, three times at least: nothing works', () => {
  const { health, lost } = given(2);
  lost('gpu0-0');
  lost('gpu1-0');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBeUndefined();
  lost('gpu0-0');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBe(WORDS);
  lost('gpu1-0', undefined, 'KeyError: something else');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBeUndefined();
});

test('paths and numbers aside the words are the same', () => {
  const { health, lost } = given(2);
  lost('gpu0-0', undefined, 'OSError: /models/a.ckpt at 0x7f01');
  lost('gpu1-0', undefined, 'OSError: /models/b.ckpt at 0x7f02');
  lost('gpu0-0', undefined, 'OSError: /models/c.ckpt at 0x7f03');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBe(
    'OSError: /models/c.ckpt at 0x7f03',
  );
});

test.each([
  ['another slot has lost none', 2, ['gpu0-0', 'gpu0-0', 'gpu0-0'], [undefined, undefined, undefined]],
  ['they were lost on one page alone', 1, ['gpu0-0', 'gpu0-0', 'gpu0-0'], ['a', 'a', 'a']],
  ['there are fewer than slots', 4, ['gpu0-0', 'gpu1-0', 'gpu2-0'], [undefined, undefined, undefined]],
])('something may work yet: %s', (_why, gpus, slots, pages) => {
  const { health, lost } = given(gpus);
  for (const [at, slot] of slots.entries()) lost(slot, pages[at]);
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBeUndefined();
  expect(health.sameWordsSoFar).toBe(WORDS);
});

test('on different pages the same words say that nothing works, once one from elsewhere has ended so', () => {
  const { health, lost } = given(1);
  for (const page of ['a', 'b', 'b']) lost('gpu0-0', page);
  expect(health.sameWordsEverywhere({ maySample: false, hasWorked: false })).toBeUndefined();
  expect(health.wantsSample).toBe(true);
  lost('gpu0-0', 'c');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBeUndefined();
  expect(health.sameWordsEverywhere({ maySample: false, hasWorked: false })).toBe(WORDS);
  health.lost({ slot: 'gpu0-0', gpu: 0, page: 'q', lastWords: WORDS, isSample: true });
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBe(WORDS);
});

test('one page that finishes proves that something works, for the rest of the run', () => {
  const { health, lost } = given(1);
  lost('gpu0-0');
  lost('gpu0-0');
  health.finished(0, 'a');
  for (let again = 0; again < 5; again++) lost('gpu0-0');
  expect(health.sameWordsEverywhere({ maySample: true, hasWorked: false })).toBeUndefined();
  expect(health.sameWordsSoFar).toBeUndefined();
});

test('where something has worked before, it takes four times as many bad pages, and no more bad starts', () => {
  const { health, lost } = given(1);
  const words = () => health.sameWordsEverywhere({ maySample: false, hasWorked: true });
  for (let page = 0; page < 11; page += 1) lost('gpu0-0', `p${page}`);
  expect(words()).toBeUndefined();
  lost('gpu0-0', 'p11');
  expect(words()).toBe(WORDS);

  const other = given(1);
  for (let start = 0; start < 3; start += 1) other.lost('gpu0-0');
  expect(other.health.sameWordsEverywhere({ maySample: false, hasWorked: true })).toBe(WORDS);
});
