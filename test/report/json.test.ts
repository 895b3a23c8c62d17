import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { JsonReporter } from '../../src/report/json.ts';
import { at, failed, StuckStream, started, TestStream } from './streams.ts';

const log = (text: string, level: 'info' | 'error' = 'error'): RunEvent =>
  at(1, { type: 'worker-log', slot: 'gpu0-0', stream: 'stderr', text, level });

test('every event is one line, lines of translators from the chosen level on', () => {
  const stdout = new TestStream();
  const reporter = new JsonReporter({ stdout, logLevel: 'warn' });
  const events = [started(['gpu0-0']), log('bad'), at(2, failed('a\nb.png'))];
  for (const event of [...events, log('fine', 'info')]) reporter.report(event);
  expect(stdout.lines.map((line) => JSON.parse(line))).toEqual(events);
});

test('a slow reader costs lines of translators, which are counted, and no other event', async () => {
  const stdout = new StuckStream();
  const reporter = new JsonReporter({ stdout, logLevel: 'info' }, 2000);
  for (let n = 0; n < 1000; n += 1) reporter.report(log(`flood ${n}`));
  for (let n = 0; n < 100; n += 1) reporter.report(at(2, failed(`p${n}`)));
  expect(stdout.writableLength).toBeLessThan(30_000);
  stdout.release();
  await reporter.finish();
  const events = stdout.lines.map((line) => JSON.parse(line) as RunEvent);
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  expect(count('page-finished')).toBe(100);
  const notice = events.find((event) => event.type === 'notice');
  expect(notice?.text).toBe(
    `${1000 - count('worker-log')} worker-log events were left out: the reader of this stream is too slow.`,
  );
});

test('a reader that left does not disturb the run', async () => {
  const stdout = new TestStream();
  const reporter = new JsonReporter({ stdout, logLevel: 'info' });
  stdout.destroy(new Error('EPIPE'));
  await new Promise((resolve) => stdout.once('close', resolve));
  reporter.report(log('nobody hears'));
  await reporter.finish();
  expect(stdout.text).toBe('');
});
