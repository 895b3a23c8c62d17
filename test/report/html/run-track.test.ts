import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/events.ts';
import { RunTrack } from '../../../src/report/html/run-track.ts';
import { SampleTrack } from '../../../src/report/html/sample-track.ts';
import { timeOf } from './many-pages.ts';

const START_MS = Date.parse(timeOf(0));

/** A track of events, each with its second in front; times in it count from the start. */
function track(...events: readonly (readonly [seconds: number, event: object])[]): RunTrack {
  const made = new RunTrack('run', undefined);
  for (const [seconds, event] of events) made.add({ ...event, time: timeOf(seconds) } as RunEvent);
  made.close();
  return made;
}

const spanOf = ({ startMs, endMs }: { startMs: number; endMs: number }): [number, number] => [
  (startMs - START_MS) / 1000,
  (endMs - START_MS) / 1000,
];
const STARTED = {
  type: 'run-started',
  v: 1,
  run: 'run',
  gpus: [],
  slots: ['gpu0-0'],
  strategy: 'dynamic',
  translator: 't',
  options: {},
};
const started = (page: string) => ({ type: 'page-started', page, slot: 'gpu0-0', attempt: 1 });
const finished = (page: string, more: object) => ({
  type: 'page-finished',
  page,
  slot: 'gpu0-0',
  attempt: 1,
  ...more,
});

test('a load ends when the worker is ready, when it begins a page, or with it', () => {
  const { spans, slots } = track(
    [0, STARTED],
    [1, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }],
    [3, { type: 'worker-ready', slot: 'gpu0-0', loadSeconds: 2 }],
    [4, { type: 'worker-started', slot: 'cpu-0', gpu: null, pid: 2 }],
    [6, { ...started('a'), slot: 'cpu-0' }],
    [7, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 3 }],
    [9, { type: 'worker-exited', slot: 'gpu0-0', exitCode: 1, signal: null, pages: 0 }],
    [9, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 4 }],
    [10, { type: 'notice', level: 'info', text: 'killed here' }],
  );
  expect(spans.map((span) => [span.kind, span.slot, ...spanOf(span)])).toEqual([
    ['l', 'gpu0-0', 1, 3],
    ['l', 'cpu-0', 4, 6],
    ['l', 'gpu0-0', 7, 9],
    ['l', 'gpu0-0', 9, 10],
  ]);
  expect([...slots.values()]).toEqual([
    { slot: 'gpu0-0', gpu: 0 },
    { slot: 'cpu-0', gpu: null },
  ]);
});

test('a page is at work until it ends; one whose failure is told later, until its slot went on', () => {
  const { pages, spans } = track(
    [0, STARTED],
    [1, started('good')],
    [2, started('ahead')],
    [3, finished('good', { outcome: 'translated', seconds: 2 })],
    [5, finished('ahead', { outcome: 'failed', reason: 'error', message: 'no' })],
    [6, started('bad')],
    [8, { type: 'page-retried', page: 'bad', slot: 'gpu0-0', attempt: 1, reason: 'oom', message: 'again' }],
    [9, started('bad')],
    [11, started('next')],
    [12, finished('next', { outcome: 'no-text' })],
    [30, finished('bad', { outcome: 'failed', reason: 'oom', attempt: 2 })],
  );
  expect(Object.fromEntries(Array.from(pages, ([id, page]) => [id, spanOf(page)]))).toEqual({
    good: [1, 3],
    ahead: [2, 5],
    next: [11, 12],
    bad: [9, 11],
  });
  expect(spans.map(({ kind, page, message, ...span }) => [kind, page, message, ...spanOf(span)])).toEqual([
    ['r', 'bad', 'again', 6, 8],
  ]);
});

test('without a beginning a page has the seconds that are told, but never more than the run', () => {
  const { pages } = track(
    [0, STARTED],
    [10, finished('a', { outcome: 'translated', seconds: 4 })],
    [11, finished('b', { outcome: 'translated', seconds: 1e12 })],
    [12, { type: 'page-finished', page: 'c', attempt: 0, outcome: 'failed', reason: 'unreadable' }],
  );
  expect(Array.from(pages.values(), spanOf)).toEqual([
    [6, 10],
    [0, 11],
    [12, 12],
  ]);
});

test('notes are short texts, whatever an event has there', () => {
  const notes = ['one', 2, '', 'x'.repeat(5000), ...'abcdefghijk'];
  const { pages } = track(
    [0, STARTED],
    [1, finished('a', { outcome: 'translated', notes })],
    [2, finished('b', { outcome: 'translated', notes: 'text' })],
  );
  const kept = pages.get('a')?.notes ?? [];
  expect(kept).toHaveLength(10);
  expect(kept.every((note) => note.length < 300)).toBe(true);
  expect(pages.get('b')?.notes).toEqual([]);
});

test('what happened to slots is marked; an end that went well is not', () => {
  const { marks } = track(
    [0, STARTED],
    [1, { type: 'worker-exited', slot: 'gpu0-0', exitCode: 0, signal: null, pages: 3 }],
    [2, { type: 'worker-exited', slot: 'gpu0-0', exitCode: null, signal: 'SIGKILL', pages: 0 }],
    [3, { type: 'gpu-benched', gpu: 0, reason: 'three strikes' }],
    [4, { type: 'service-waiting', seconds: 20, message: '429' }],
    [5, { type: 'slot-retired', slot: 'gpu0-0', why: 'does not fit' }],
    [6, { type: 'packing-changed', device: 'd', gpu: 0, workers: 2, times: 1.84, why: 'x'.repeat(5000) }],
  );
  expect(marks.map(({ kind, text, spanMs }) => [kind, text, spanMs])).toEqual([
    ['exited', 'SIGKILL', undefined],
    ['benched', 'three strikes', undefined],
    ['waiting', '429', 20_000],
    ['retired', 'does not fit', undefined],
    ['packing', expect.stringMatching(/^2 workers, 1\.8 × one: x{160}… \(/), undefined],
  ]);
});

test('samples of a long run are averaged: few stay, and no time is lost', () => {
  const samples = new SampleTrack();
  for (let at = 0; at < 50_000; at += 1)
    samples.add({ type: 'gpu-sampled', gpu: 0, utilisation: at % 2, memoryUsedBytes: 8e9 }, at * 1000);
  const [{ samples: means = [] } = {}] = [...samples.means()];
  expect(means.length).toBeLessThan(4000);
  expect(means.length).toBeGreaterThan(1000);
  expect(means.at(-1)?.atMs).toBeGreaterThan(49_900_000);
  expect(means.slice(0, -1).every(({ busy, memoryBytes }) => busy === 0.5 && memoryBytes === 8e9)).toBe(true);
});
