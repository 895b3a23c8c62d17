import { expect, test } from 'vitest';
import type { PageFailure } from '../../src/dispatch/assignment.ts';
import { PageOrProcess } from '../../src/dispatch/page-or-process.ts';

const failure = (page: string, streak: number, more: Partial<PageFailure> = {}): PageFailure => ({
  page: { id: page, path: `/${page}` },
  reason: 'error',
  message: 'ODD',
  streak,
  isFresh: streak === 1,
  ...more,
});
const MAY = { mayControl: true };
const PAGE = { by: 'page', replaceProcess: false };

/** After a control that ended so. */
function afterControl(end: 'well' | 'same words' | 'other words', workerMs = 0) {
  const blame = new PageOrProcess(() => workerMs);
  blame.beginControl(failure('a', 2), 0);
  if (end === 'well') blame.wentWell('a', 1000);
  else blame.failedAgain(failure('a', 1, { message: end === 'same words' ? 'ODD' : 'OTHER' }), 1000);
  return blame;
}

test('the first failure of a streak counts, the second is tried at once in a fresh process', () => {
  const blame = new PageOrProcess(() => 0);
  expect(blame.judge('s', failure('a', 1), MAY)).toEqual(PAGE);
  expect(blame.judge('s', failure('b', 2), MAY)).toEqual({ by: 'unknown' });
  expect(blame.judge('s', failure('b', 2), { mayControl: false })).toEqual(PAGE);
});

test('what is unreadable, or known to be the page’s own, counts wherever it comes', () => {
  const blame = new PageOrProcess(() => 0);
  expect(blame.judge('s', failure('a', 3, { reason: 'unreadable' }), MAY)).toEqual(PAGE);
  expect(blame.judge('s', failure('a', 3, { isOwn: true }), MAY)).toEqual(PAGE);
});

test('words of a broken context replace the process at once', () => {
  const blame = new PageOrProcess(() => 0);
  const message = 'RuntimeError: CUDA error: device-side assert triggered';
  expect(blame.judge('s', failure('a', 1, { message }), MAY)).toEqual({ by: 'page', replaceProcess: true });
  expect(blame.judge('s', failure('b', 2, { message }), MAY)).toEqual({ by: 'process' });
});

test('a control that goes well: these words replace a process at once from then on', () => {
  const blame = afterControl('well');
  expect(blame.judge('s', failure('b', 1), MAY)).toEqual({ by: 'page', replaceProcess: true });
  expect(blame.judge('s', failure('c', 2), MAY)).toEqual({ by: 'process' });
});

test('a control that fails with the same words: they are the pages’ own', () => {
  const blame = afterControl('same words');
  expect(blame.isPagesOwn('ODD')).toBe(true);
  expect(blame.judge('s', failure('b', 2), MAY)).toEqual(PAGE);
  expect(afterControl('other words').isPagesOwn('ODD')).toBe(false);
});

test('a control says nothing where another process has had the page, or where memory is short', () => {
  const blame = new PageOrProcess(() => 0);
  blame.beginControl(failure('a', 2), 0);
  expect(blame.failedAgain(failure('a', 3), 1000)).toBeUndefined();
  expect(blame.isPagesOwn('ODD')).toBe(false);
  const oom = { reason: 'oom', message: 'out of memory' } as const;
  blame.beginControl(failure('b', 2, oom), 0);
  expect(blame.failedAgain(failure('b', 1, oom), 1000)).toMatchObject(oom);
  expect(blame.isPagesOwn('out of memory')).toBe(false);
});

test('words that seem the pages’ own are tried once more where a process fails on and on', () => {
  const blame = afterControl('same words');
  const judged = [2, 3, 4, 5, 6].map((streak) => blame.judge('s', failure(`p${streak}`, streak), MAY).by);
  expect(judged).toEqual(['page', 'page', 'page', 'page', 'unknown']);
  blame.beginControl(failure('p6', 6), 0);
  blame.failedAgain(failure('p6', 1), 1000);
  expect(blame.judge('s', failure('p7', 7), MAY)).toEqual(PAGE);
});

test('two controls are always allowed, others as long as they take a tenth of the workers’ time', () => {
  const words = (at: number) => ({ message: ['alpha', 'beta', 'gamma'][at] ?? '' });
  for (const [workerMs, by] of [
    [20_000, 'page'],
    [40_000, 'unknown'],
  ] as const) {
    const blame = new PageOrProcess(() => workerMs);
    for (const at of [0, 1]) {
      const second = failure(`p${at}`, 2, words(at));
      expect(blame.judge('s', second, MAY).by).toBe('unknown');
      blame.beginControl(second, 0);
      blame.failedAgain({ ...second, isFresh: true }, 1000);
    }
    expect(blame.judge('s', failure('q', 2, words(2)), MAY).by).toBe(by);
  }
});
