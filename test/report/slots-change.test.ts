import { afterEach, expect, test, vi } from 'vitest';
import type { Happening, RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { JsonReporter } from '../../src/report/json.ts';
import { PlainReporter } from '../../src/report/plain.ts';
import { Progress, progressParts } from '../../src/report/progress.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { runSummarySchema } from '../../src/report/summary-schema.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { TtyReporter } from '../../src/report/tty.ts';
import { at, TestStream, translated } from './streams.ts';

afterEach(() => vi.useRealTimers());

const START = Date.parse(at(0, { type: 'notice', level: 'info', text: '' }).time);

/** Slots whose names say nothing: two at the start, one that does not fit, one on a card that comes later. */
const startedOn = (devices: Readonly<Record<string, number>>): RunEvent =>
  at(0, {
    type: 'run-started',
    v: 1,
    run: 'r1',
    gpus: [...new Set(Object.values(devices))].map((index) => ({ index, name: 'Tesla T4' })),
    slots: Object.keys(devices),
    slotDevices: Object.entries(devices).map(([slot, gpu]) => ({ slot, device: `card-${gpu}`, gpu })),
    strategy: 'dynamic',
    translator: 'script',
    options: {},
  });
const joined: Happening = {
  type: 'slot-joined',
  slot: 'node2-gpu0-0',
  device: 'card-5',
  gpu: 5,
  node: 'node2',
  why: 'node2 joined',
};
const retired: Happening = {
  type: 'slot-retired',
  slot: 'gpu0-1',
  why: '1 of 2 workers fit on gpu0',
};
const worker = (slot: string, gpu: number): Happening => ({ type: 'worker-started', slot, gpu, pid: 1 });
const page = (name: string, slot: string): Happening => ({
  type: 'page-started',
  page: name,
  slot,
  attempt: 1,
});
const exited = (slot: string, exitCode: number): Happening => ({
  type: 'worker-exited',
  slot,
  exitCode,
  signal: null,
  pages: 0,
});

const RUN: readonly RunEvent[] = [
  startedOn({ 'gpu0-0': 0, 'gpu0-1': 0 }),
  at(0, { type: 'pages-found', pages: 10, skipped: 0 }),
  at(0, worker('gpu0-0', 0)),
  at(2, { type: 'worker-ready', slot: 'gpu0-0', loadSeconds: 2 }),
  at(2, worker('gpu0-1', 0)),
  at(2, page('a', 'gpu0-0')),
  at(10, exited('gpu0-1', 1)),
  at(10, retired),
  at(20, translated('a', 'gpu0-0', 18)),
  at(50, joined),
  at(50, worker('node2-gpu0-0', 5)),
  at(60, { type: 'worker-ready', slot: 'node2-gpu0-0', loadSeconds: 10 }),
  at(60, page('b', 'node2-gpu0-0')),
  at(90, translated('b', 'node2-gpu0-0', 30)),
  at(100, exited('node2-gpu0-0', 0)),
];

test('a GPU whose slot joins counts from then on, one that lost a slot keeps its figures', () => {
  const builder = new SummaryBuilder();
  for (const event of RUN) builder.add(event);
  const summary = builder.summary();
  const [first, second] = summary.gpus;
  expect(first).toMatchObject({ gpu: 0, pages: 1, loads: 2, busySeconds: 20, busyShare: 0.2 });
  expect(first).toMatchObject({ exits: { '1': 1 }, secondsPerLoad: 2 });
  expect(second).toMatchObject({ gpu: 5, pages: 1, loads: 1, busySeconds: 40, busyShare: 0.8 });
  expect(summary.retired).toEqual([{ slot: 'gpu0-1', gpu: 0, why: '1 of 2 workers fit on gpu0' }]);
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  expect(summaryText(summary, PLAIN_PAINT)).toContain('slot gpu0-1 retired: 1 of 2 workers fit on gpu0');
});

const packed = (gpu: number, workers: number, more: { why: string; times?: number }): Happening => ({
  type: 'packing-changed',
  device: `card-${gpu}`,
  gpu,
  workers,
  ...more,
});

test('how many workers share a card is told with the cards that are alike, and a slot on trial is no trouble', () => {
  const builder = new SummaryBuilder();
  const why = 'a 4th worker made it no faster (+1 %)';
  for (const event of [
    startedOn({ a: 0, b: 1, c: 2 }),
    ...[0, 1, 2].map((gpu) => at(0, worker('abc'[gpu] ?? '', gpu))),
    at(1, packed(0, 2, { why: 'a second worker made it 90 % faster', times: 1.9 })),
    at(2, { type: 'slot-retired', slot: 'a3', why, by: 'packing' }),
    ...[0, 1].map((gpu) => at(2, packed(gpu, 3, { why, times: 2.61 }))),
    at(2, packed(2, 1, { why: 'out of\u001b[2J memory' })),
  ])
    builder.add(event);
  const summary = builder.summary();
  expect(summary.retired).toBeUndefined();
  expect(summary.packing?.[0]).toEqual({ gpu: 0, workers: 3, why, times: 2.61 });
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  const lines = summaryText(summary, PLAIN_PAINT).split('\n');
  expect(lines).toContain(`3 workers on each Tesla T4: 2.6 × one (${why})`);
  expect(lines).toContain('1 worker on gpu2 (out of\\x1b[2J memory)');
});

test('a slot that comes back is retired no longer', () => {
  const builder = new SummaryBuilder();
  for (const event of RUN) builder.add(event);
  builder.add(at(101, { ...joined, slot: 'gpu0-1', device: 'card-0', gpu: 0 } as Happening));
  expect(builder.summary().retired).toBeUndefined();
});

test('a slot that is retired in mid-page is busy until the page is over, and no longer', () => {
  const builder = new SummaryBuilder();
  for (const event of [
    startedOn({ x: 3 }),
    at(0, worker('x', 3)),
    at(1, { type: 'worker-ready', slot: 'x', loadSeconds: 1 }),
    at(1, page('a', 'x')),
    at(5, { type: 'slot-retired', slot: 'x', why: 'packing' }),
    at(9, translated('a', 'x', 8)),
    at(30, { type: 'notice', level: 'info', text: '' }),
  ])
    builder.add(event);
  expect(builder.summary().gpus).toMatchObject([{ gpu: 3, busySeconds: 9, pages: 1 }]);
});

test('the frame shows slots that joined, and retired ones no longer than their page', () => {
  const progress = new Progress();
  const names = (): string[] => [...progress.slots.keys()];
  progress.add(startedOn({ 'gpu0-0': 0, 'gpu0-1': 0 }));
  progress.add(at(1, page('a', 'gpu0-1')));
  progress.add(at(2, retired));
  progress.add(at(2, { ...retired, slot: 'gpu0-0' } as Happening));
  expect(names()).toEqual(['gpu0-1']);
  progress.add(at(3, translated('a', 'gpu0-1', 2)));
  progress.add(at(3, exited('gpu0-1', 0)));
  expect(names()).toEqual([]);
  progress.add(at(4, joined));
  progress.add(at(5, { ...retired, slot: 'node2-gpu0-0' } as Happening));
  progress.add(at(6, { ...joined } as Happening));
  expect(names()).toEqual(['node2-gpu0-0']);
});

test('a page that a retired slot hands back is its page no longer', () => {
  const progress = new Progress();
  progress.add(startedOn({ x: 0 }));
  progress.add(at(1, page('a', 'x')));
  progress.add(at(2, { ...retired, slot: 'x' } as Happening));
  progress.add(
    at(3, { type: 'page-retried', page: 'a', slot: 'x', attempt: 1, reason: 'crash', message: '' }),
  );
  expect([...progress.slots.keys()]).toEqual([]);
});

test('the wait for a service is counted down until the next page begins', () => {
  const progress = new Progress();
  progress.add(startedOn({ x: 0 }));
  progress.add(at(0, { type: 'service-waiting', seconds: 40, message: 'HTTP 429 from api' }));
  expect(progressParts(progress, START + 8000)).toContain('waiting 32 s for the service (429)');
  expect(progressParts(progress, START + 41_000).join()).not.toContain('waiting');
  progress.add(at(9, page('a', 'x')));
  expect(progressParts(progress, START + 10_000).join()).not.toContain('waiting');
});

test('a limit of pages a minute is shown with the rate', () => {
  const progress = new Progress();
  progress.add({ ...startedOn({ x: 0 }), options: { pagesPerMinute: 30 } } as RunEvent);
  for (let second = 1; second <= 60; second += 2)
    progress.add(at(second, translated(`${second}.png`, 'x', 1)));
  expect(progressParts(progress, START + 60_000).join()).toMatch(/, ?\d+\.\d of 30 pages\/min/);
});

const WORDS: readonly Happening[] = [
  retired,
  joined,
  { type: 'service-waiting', seconds: 40, message: '429 Too Many\u001b[2J Requests' },
  { type: 'slot-retired', slot: 'gpu0-2', why: 'a third worker made it no faster (+1 %)', by: 'packing' },
  packed(0, 2, { why: 'a third worker made it no faster (+1 %)', times: 1.9 }),
];

test('a log has a line for each slot that comes or goes, and for each wait', () => {
  const stderr = new TestStream();
  const reporter = new PlainReporter({ stdout: new TestStream(), stderr, env: {}, logLevel: 'warn' });
  for (const happening of WORDS) reporter.report(at(1, happening));
  expect(stderr.lines.map((line) => line.slice(10))).toEqual([
    'slot gpu0-1 retired: 1 of 2 workers fit on gpu0',
    'slot node2-gpu0-0 joined: node2 joined',
    'waiting 40 s for the service (429 Too Many\\x1b[2J Requests)',
    '2 workers on gpu0, 1.9 × one: a third worker made it no faster (+1 %)',
  ]);
});

test('a terminal shows the same lines above its bar, and the slots of now in it', () => {
  vi.useFakeTimers({ now: START });
  const stderr = new TestStream({ isTTY: true });
  const setting = { stdout: new TestStream({ isTTY: true }), stderr, env: {}, logLevel: 'warn' as const };
  const reporter = new TtyReporter({ ...setting, colours: false });
  for (const event of RUN.slice(0, 8)) reporter.report(event);
  vi.advanceTimersByTime(150);
  expect(stderr.text).toContain('slot gpu0-1 retired: 1 of 2 workers fit on gpu0');
  expect(stderr.text).not.toMatch(/gpu0-1 {2}/);
  reporter.report(at(50, joined));
  vi.advanceTimersByTime(150);
  expect(stderr.text).toContain('node2 gpu5      –');
});

test('JSON has every one of these events as it is', () => {
  const stdout = new TestStream();
  const reporter = new JsonReporter({ stdout, logLevel: 'silent' });
  const events = WORDS.map((happening) => at(1, happening));
  for (const event of events) reporter.report(event);
  expect(stdout.lines.map((line) => JSON.parse(line))).toEqual(events);
});
