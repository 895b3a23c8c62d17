import { afterEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { PlainReporter } from '../../src/report/plain.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { at, failed, started, TestStream, translated } from './streams.ts';

afterEach(() => vi.useRealTimers());

function plain(logLevel: 'warn' | 'silent' = 'warn') {
  vi.useFakeTimers({ now: Date.UTC(2025, 0, 2, 3, 4, 5) });
  const [stdout, stderr] = [new TestStream(), new TestStream()];
  const reporter = new PlainReporter({ stdout, stderr, env: {}, logLevel }, () => Date.now());
  const report = (event: RunEvent): void => {
    vi.setSystemTime(Date.parse(event.time));
    reporter.report(event);
  };
  return { reporter, report, stdout, stderr };
}

test('shows the first page, then progress at most every ten seconds', () => {
  const { report, stderr } = plain();
  report(started(['gpu0-0']));
  report(at(1, { type: 'pages-found', pages: 200, skipped: 0 }));
  for (let n = 1; n <= 100; n += 1) report(at(1 + n, translated(`p${n}`, 'gpu0-0', 1)));
  const progress = stderr.lines.filter((line) => line.includes('/200 pages'));
  expect(progress[0]).toContain('1/200 pages  0.5 %');
  expect(progress).toHaveLength(10);
});

test('shows once a minute that it is alive while nothing gets done', () => {
  const { report, stderr } = plain();
  report(started(['gpu0-0']));
  vi.advanceTimersByTime(185_000);
  expect(stderr.lines.filter((line) => line.includes('0 pages'))).toHaveLength(3);
});

test('a line for each thing that goes wrong, whole and with controls escaped', () => {
  const { report, stderr } = plain();
  report(started(['gpu0-0']));
  report(at(1, failed('a\n\u001b[2J.png', 'line one\nline two')));
  report(at(2, { type: 'gpu-benched', gpu: 1, reason: 'three workers died' }));
  report(at(3, { type: 'worker-exited', slot: 'gpu1-0', exitCode: null, signal: 'SIGKILL', pages: 3 }));
  const why = 'no output for 60 s';
  report(at(3, { type: 'worker-exited', slot: 'gpu0-0', exitCode: null, signal: 'SIGTERM', pages: 1, why }));
  report(at(3, { type: 'worker-exited', slot: 'gpu1-0', exitCode: 0, signal: null, pages: 3 }));
  report(at(4, { type: 'notice', level: 'warn', text: 'old options' }));
  vi.advanceTimersByTime(2000);
  const said = stderr.lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, '')).slice(1);
  expect(said.filter((line) => !line.startsWith('1 page'))).toEqual([
    'failed  a\\n\\x1b[2J.png  oom: line one\\nline two (attempt 3 on gpu0-0)',
    'gpu1 disabled: three workers died',
    'warning  old options',
    'gpu1-0 worker ended with SIGKILL after 3 pages',
    'gpu0-0 worker stopped after 1 page: no output for 60 s',
  ]);
});

test("translators' lines carry their slot, from the chosen level on", () => {
  const log = (level: 'info' | 'error', text: string): RunEvent =>
    at(1, { type: 'worker-log', slot: 'gpu0-0', stream: 'stderr', level, text });
  const { report, stderr } = plain();
  report(log('info', 'page 1'));
  report(log('error', '\u001b[31mbroken\u001b[0m'));
  vi.advanceTimersByTime(2000);
  expect(stderr.lines).toEqual(['gpu0-0 | broken']);
  const silent = plain('silent');
  silent.report(log('error', 'broken'));
  expect(silent.stderr.text).toBe('');
});

test('the summary goes to stdout, everything else to stderr', async () => {
  const { reporter, report, stdout, stderr } = plain();
  const builder = new SummaryBuilder();
  for (const event of [started(['gpu0-0']), at(1, translated('a.png', 'gpu0-0', 1))]) {
    report(event);
    builder.add(event);
  }
  expect(stdout.text).toBe('');
  await reporter.finish(builder.summary());
  expect(stdout.text).toContain('1 translated');
  expect(stderr.text).not.toContain('1 translated');
});
