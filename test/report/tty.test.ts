import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { DevicesAtWork } from '../../src/report/devices-at-work.ts';
import { drawFrame } from '../../src/report/frame.ts';
import { Progress } from '../../src/report/progress.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { textWidth } from '../../src/report/text-width.ts';
import { TtyReporter } from '../../src/report/tty.ts';
import { at, failed, started, TestStream, translated } from './streams.ts';

afterEach(() => vi.useRealTimers());

const slots = (count: number): string[] => Array.from({ length: count }, (_, n) => `gpu${n}-0`);
const nowMs = Date.parse(at(20, { type: 'notice', level: 'info', text: '' }).time);
const frameOf = (events: readonly RunEvent[], columns: number, rows: number): string[] => {
  const [progress, devices] = [new Progress(), new DevicesAtWork()];
  for (const event of events) {
    progress.add(event);
    devices.add(event);
  }
  return drawFrame({ progress, devices }, { columns, rows, nowMs, paint: PLAIN_PAINT });
};
const page = (second: number, name: string, slot: string): RunEvent =>
  at(second, { type: 'page-started', page: name, slot, attempt: 1 });

test('a frame has a bar, the numbers, and what each device is at', () => {
  const lines = frameOf(
    [
      started(slots(2)),
      at(0, { type: 'pages-found', pages: 4, skipped: 0 }),
      at(5, failed('x.png')),
      page(8, 'ch1/003.png', 'gpu0-0'),
      at(9, { type: 'page-stage', page: 'ch1/003.png', slot: 'gpu0-0', stage: 'ocr' }),
      at(10, { type: 'worker-started', slot: 'gpu1-0', gpu: 1, pid: 1 }),
    ],
    100,
    24,
  );
  expect(lines).toEqual([
    '██████░░░░░░░░░░░░░░░░░░  1/4 pages  25.0 %  1 failed',
    'gpu0  T4  ch1/003.png  ocr  12 s',
    'gpu1  T4  starting  10 s',
  ]);
});

test.each([5, 20, 40, 80, 200])('no line is as wide as a terminal of %i columns', (columns) => {
  const lines = frameOf(
    [
      started(slots(3)),
      at(0, { type: 'pages-found', pages: 100_000, skipped: 0 }),
      page(8, `${'漫画'.repeat(60)}.png`, 'gpu0-0'),
      page(9, 'a\n\u001b[2J😀', 'gpu1-0'),
      at(10, { type: 'gpu-benched', gpu: 2, reason: 'out of memory\u001b[2J'.repeat(20) }),
      at(15, { type: 'gpu-sampled', gpu: 0, utilisation: 0.4, memoryUsedBytes: 3e9 }),
    ],
    columns,
    24,
  );
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    expect(textWidth(line)).toBeLessThan(columns);
    expect(line).toBe(stripVTControlCharacters(line));
  }
});

test.each([
  [60, /^200/],
  [80, /^░+ {2}200/],
])('the time left is whole at %i columns', (columns, head) => {
  const done = Array.from({ length: 200 }, (_, n) => at((n + 1) / 10, translated(`${n}`, 'gpu0-0', 1)));
  const [line = ''] = frameOf(
    [started(slots(1)), at(0, { type: 'pages-found', pages: 9600, skipped: 0 }), ...done],
    columns,
    24,
  );
  expect(line).toMatch(head);
  expect(line).toMatch(/200\/9600 pages .* 600\.0 pages\/min {2}about 16 min left$/);
});

test.each([1, 2, 3, 7, 16, 24, 60])('a frame of 64 devices fits %i rows', (rows) => {
  const lines = frameOf([started(slots(64)), page(1, `${'第一巻'.repeat(30)}/001.png`, 'gpu0-0')], 80, rows);
  expect(lines.length).toBeLessThan(rows);
  for (const line of lines) expect(textWidth(line)).toBeLessThan(80);
});

test('leaves nothing of the frame behind, and never hides the cursor', async () => {
  vi.useFakeTimers({ now: nowMs });
  const stdout = new TestStream({ isTTY: true });
  const stderr = new TestStream({ isTTY: true });
  const reporter = new TtyReporter({ stdout, stderr, env: {}, logLevel: 'warn', colours: false });
  reporter.report(started(slots(2)));
  vi.advanceTimersByTime(1000);
  expect(stderr.text).toContain('gpu1  T4');
  reporter.report(at(21, failed('a.png')));
  vi.advanceTimersByTime(100);
  const before = stderr.text.length;
  await reporter.finish(new SummaryBuilder().summary());
  expect(stripVTControlCharacters(stderr.text.slice(before)).trim()).toBe('');
  expect(stderr.text).toContain('failed  a.png');
  expect(stderr.text).not.toContain('\u001b[?25l');
  const after = stderr.text.length;
  vi.advanceTimersByTime(1000);
  expect(stderr.text.length).toBe(after);
});

/** A terminal that counts what is written to it, and a reporter that writes. */
function counted(): { reporter: TtyReporter; stderr: TestStream; writes: () => number } {
  vi.useFakeTimers({ now: nowMs });
  const stderr = new TestStream({ isTTY: true });
  let writes = 0;
  const write = stderr._write.bind(stderr);
  stderr._write = (...args) => {
    writes += 1;
    write(...args);
  };
  const setting = { stdout: new TestStream(), stderr, env: {}, logLevel: 'warn' } as const;
  const reporter = new TtyReporter(setting, () => Date.now());
  return { reporter, stderr, writes: () => writes };
}

test('draws at most ten times a second, also while lines scroll by', () => {
  const { reporter, writes } = counted();
  reporter.report(started(slots(2)));
  for (let n = 0; n < 1000; n += 1) {
    reporter.report(at(n, { type: 'page-started', page: `p${n}`, slot: 'gpu0-0', attempt: 1 }));
    reporter.report(at(n, failed(`p${n}`)));
    vi.advanceTimersByTime(1);
  }
  expect(writes()).toBeGreaterThan(5);
  expect(writes()).toBeLessThan(15);
});

test('writes nothing where nothing changes, and times go on once a second', () => {
  const { reporter, writes } = counted();
  reporter.report(started(slots(2)));
  vi.advanceTimersByTime(1000);
  const before = writes();
  vi.advanceTimersByTime(60_000);
  expect(writes()).toBe(before);
  reporter.report(at(20, { type: 'page-started', page: 'a.png', slot: 'gpu0-0', attempt: 1 }));
  vi.advanceTimersByTime(30_000);
  expect(writes() - before).toBeGreaterThan(25);
  expect(writes() - before).toBeLessThan(35);
});

test('a terminal is drawn anew once nobody resizes it any more', () => {
  const { reporter, stderr, writes } = counted();
  reporter.report(started(slots(2)));
  vi.advanceTimersByTime(1000);
  const before = writes();
  for (const columns of [60, 50, 40]) {
    Object.assign(stderr, { columns });
    stderr.emit('resize');
    vi.advanceTimersByTime(100);
  }
  expect(writes()).toBe(before);
  vi.advanceTimersByTime(300);
  expect(writes()).toBe(before + 1);
});

test('a run that is refused draws nothing, and its notices are there', async () => {
  const { reporter, stderr } = counted();
  reporter.report(at(0, { type: 'notice', level: 'warn', text: 'the cache is full' }));
  vi.advanceTimersByTime(50);
  reporter.abandon();
  vi.advanceTimersByTime(1000);
  expect(stripVTControlCharacters(stderr.text)).toMatch(
    /^\r?\d\d:\d\d:\d\d {2}warning {2}the cache is full\n$/,
  );
});
