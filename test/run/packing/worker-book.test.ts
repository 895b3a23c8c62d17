import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { WorkerBook } from '../../../src/run/packing/worker-book.ts';

const GIB = 1024 ** 3;
const slot = (place: number): Slot => ({
  id: `gpu0-${place}`,
  gpu: {
    index: 0,
    vendor: 'nvidia',
    visibleAs: '0',
    memoryTotalBytes: 16 * GIB,
    memoryFreeBytes: 14 * GIB,
  },
});

/** A book of one card, and what it says of an event that comes a second after the one before. */
function given() {
  const book = new WorkerBook([slot(0)]);
  let atMs = 0;
  const hear = (event: Happening) => {
    atMs += 1000;
    return book.hear(event, atMs);
  };
  return {
    book,
    start: (place: number) =>
      hear({ type: 'worker-started', slot: `gpu0-${place}`, gpu: 0, pid: 100 + place }),
    ready: (place: number) => hear({ type: 'worker-ready', slot: `gpu0-${place}`, loadSeconds: 1 }),
    exit: (place: number) =>
      hear({ type: 'worker-exited', slot: `gpu0-${place}`, exitCode: 1, signal: null, pages: 0 }),
    begin: (page: string, place = 0) =>
      hear({ type: 'page-started', page, slot: `gpu0-${place}`, attempt: 1 }),
    done: (page: string, place = 0) =>
      hear({ type: 'page-finished', page, slot: `gpu0-${place}`, attempt: 1, outcome: 'translated' }),
    fail: (page: string, reason: 'oom' | 'busy' | 'error', place = 0) =>
      hear({ type: 'page-retried', page, slot: `gpu0-${place}`, attempt: 1, reason, message: '' }),
    retire: (place: number) => hear({ type: 'slot-retired', slot: `gpu0-${place}`, why: '' }),
  };
}

test('pages count that were done among the same workers, but for the first of a process', () => {
  const { start, ready, begin, done } = given();
  start(0);
  ready(0);
  begin('1');
  expect(done('1')).toBeUndefined();
  begin('2');
  expect(done('2')).toMatchObject({ by: 'page', gpu: 0, page: '2', workers: 1, seconds: 1 });
  begin('3');
  start(1);
  // Who loads is no worker yet.
  expect(done('3')).toMatchObject({ by: 'page', workers: 1, seconds: 2 });
  begin('4');
  ready(1);
  expect(done('4')).toBeUndefined();
  begin('5');
  expect(done('5')).toMatchObject({ by: 'page', workers: 2 });
});

test('memory that runs out beside others is told, also of a process that ends of it; alone it is not', () => {
  const { start, ready, begin, fail, exit, retire } = given();
  start(0);
  ready(0);
  begin('1');
  expect(fail('1', 'oom')).toBeUndefined();
  start(1);
  ready(1);
  begin('1');
  begin('2', 1);
  expect(fail('1', 'oom')).toEqual({ by: 'short', gpu: 0 });
  exit(1);
  expect(fail('2', 'oom', 1)).toEqual({ by: 'short', gpu: 0 });
  begin('3');
  expect(fail('3', 'oom')).toBeUndefined();
  start(1);
  ready(1);
  begin('4');
  // A worker that is renewed meanwhile was company all the same.
  exit(1);
  expect(fail('4', 'oom')).toEqual({ by: 'short', gpu: 0 });
  start(1);
  ready(1);
  begin('5');
  retire(1);
  // It was begun beside more workers than there are from now on.
  expect(fail('5', 'oom')).toBeUndefined();
  expect(fail('6', 'error')).toBeUndefined();
  expect(fail('6', 'busy')).toEqual({ by: 'refused' });
});

test('a start that fails is told where another worker is there', () => {
  const { start, ready, exit } = given();
  start(0);
  expect(exit(0)).toBeUndefined();
  start(0);
  ready(0);
  start(1);
  expect(exit(1)).toEqual({ by: 'no-start', slot: 'gpu0-1' });
  expect(exit(0)).toBeUndefined();
});

test('the most that a worker held is known from the card and from its own word', () => {
  const { book, start, ready } = given();
  start(0);
  ready(0);
  expect(book.cardUse(0)).toEqual({ before: 2 * GIB, workers: 1, workerPeak: undefined });
  book.hear({ type: 'gpu-sampled', gpu: 0, utilisation: 1, memoryUsedBytes: 6 * GIB }, 0);
  start(1);
  book.hear({ type: 'gpu-sampled', gpu: 0, utilisation: 1, memoryUsedBytes: 8 * GIB }, 0);
  expect(book.cardUse(0)).toEqual({ before: 2 * GIB, workers: 2, workerPeak: 4 * GIB });
  const finished = { type: 'page-finished', page: '1', slot: 'gpu0-0', attempt: 1 } as const;
  book.hear({ ...finished, outcome: 'translated', peakMemoryBytes: 5 * GIB }, 0);
  expect(book.cardUse(0).workerPeak).toBe(5 * GIB);
});
