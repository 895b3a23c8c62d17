import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { drawFrame } from '../../src/report/frame.ts';
import { Progress } from '../../src/report/progress.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { textWidth } from '../../src/report/text-width.ts';
import { TtyReporter } from '../../src/report/tty.ts';
import { at, failed, started, TestStream, translated } from './streams.ts';

afterEach(() => vi.useRealTimers());

const slots = (count: number): string[] => Array.from({ length: count }, (_, n) => `gpu${n}-0`);
const nowMs = Date.parse(at(20, { type: 'notice', level: 'info', text: '' }).time);
const frame = (progress: Progress, columns: number, rows: number): string[] =>
  drawFrame(progress, { columns, rows, nowMs, paint: PLAIN_PAINT }).split('\n');

test('a frame has a bar, the numbers, and what each slot is at', () => {
  const progress = new Progress();
  progress.add(started(slots(2)));
  progress.add(at(0, { type: 'pages-found', pages: 4, skipped: 0 }));
  progress.add(at(5, failed('x.png')));
  progress.add(at(8, { type: 'page-started', page: 'ch1/003.png', slot: 'gpu0-0', attempt: 1 }));
  progress.add(at(9, { type: 'page-stage', page: 'ch1/003.png', slot: 'gpu0-0', stage: 'ocr' }));
  progress.add(at(10, { type: 'worker-started', slot: 'gpu1-0', gpu: 1, pid: 1 }));
  const lines = frame(progress, 100, 24);
  expect(lines[0]).toBe('██████░░░░░░░░░░░░░░░░░░  1/4 pages  25.0 %  1 failed');
  expect(lines[1]).toMatch(/^gpu0-0 {2}ch1\/003\.png +ocr {2}12 s$/);
  expect(lines[2]).toMatch(/^gpu1-0 {2}starting +10 s$/);
});

test.each([20, 40, 80, 200])('no line is wider than a terminal of %i columns', (columns) => {
  const progress = new Progress();
  progress.add(started(slots(3)));
  progress.add(at(0, { type: 'pages-found', pages: 100_000, skipped: 0 }));
  progress.add(at(8, { type: 'page-started', page: `${'漫画'.repeat(60)}.png`, slot: 'gpu0-0', attempt: 1 }));
  progress.add(at(9, { type: 'page-started', page: 'a\n\u001b[2J😀', slot: 'gpu1-0', attempt: 1 }));
  for (const line of frame(progress, columns, 24)) expect(textWidth(line)).toBeLessThan(columns);
});

test.each([
  [60, /^200/],
  [80, /^░+ {2}200/],
])('the time left is whole at %i columns', (columns, head) => {
  const progress = new Progress();
  progress.add(started(slots(1)));
  progress.add(at(0, { type: 'pages-found', pages: 9600, skipped: 0 }));
  for (let n = 1; n <= 200; n += 1) progress.add(at(n / 10, translated(`${n}`, 'gpu0-0', 1)));
  const [line = ''] = frame(progress, columns, 24);
  expect(line).toMatch(head);
  expect(line).toMatch(/200\/9600 pages .* 600\.0 pages\/min {2}about 16 min left$/);
});

test('64 slots with long names and pages fit a screen', () => {
  const progress = new Progress();
  const names = slots(64).map((slot) => `a-machine-with-a-long-name.example.org/${slot}`);
  progress.add(started(names));
  for (const slot of names)
    progress.add(at(1, { type: 'page-started', page: `${'第一巻'.repeat(30)}/001.png`, slot, attempt: 1 }));
  for (const [columns, rows] of [
    [80, 24],
    [60, 80],
  ] as const) {
    const lines = frame(progress, columns, rows);
    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(textWidth(line)).toBeLessThan(columns);
    expect(lines[1]).toMatch(/^a-machin.*…\S*gpu0-0 .*001\.png/);
  }
});

test('more slots than rows are counted instead', () => {
  const progress = new Progress();
  progress.add(started(slots(20)));
  const lines = frame(progress, 80, 16);
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe('+ 11 slots more');
});

test('leaves nothing of the frame behind, and never hides the cursor', async () => {
  vi.useFakeTimers({ now: nowMs });
  const stdout = new TestStream({ isTTY: true });
  const stderr = new TestStream({ isTTY: true });
  const reporter = new TtyReporter({ stdout, stderr, env: {}, logLevel: 'warn', colours: false });
  reporter.report(started(slots(2)));
  vi.advanceTimersByTime(1000);
  expect(stderr.text).toContain('gpu1-0');
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

test('draws at most ten times a second', () => {
  vi.useFakeTimers({ now: nowMs });
  const stderr = new TestStream({ isTTY: true });
  const reporter = new TtyReporter({ stdout: new TestStream(), stderr, env: {}, logLevel: 'silent' });
  let writes = 0;
  const write = stderr._write.bind(stderr);
  stderr._write = (...args) => {
    writes += 1;
    write(...args);
  };
  reporter.report(started(slots(2)));
  for (let n = 0; n < 1000; n += 1) {
    reporter.report(at(n, { type: 'page-started', page: `p${n}`, slot: 'gpu0-0', attempt: 1 }));
    vi.advanceTimersByTime(1);
  }
  expect(writes).toBeGreaterThan(5);
  expect(writes).toBeLessThan(15);
});
