import { expect, test } from 'vitest';
import { chooseReporter, reporterFor } from '../../src/report/choose.ts';
import { at, failed, TestStream } from './streams.ts';

test.each([
  ['a terminal', { isTTY: true }, { TERM: 'xterm' }, 'tty'],
  ['a file or a pipe', { isTTY: false }, { TERM: 'xterm' }, 'plain'],
  ['a terminal in CI', { isTTY: true }, { CI: 'true' }, 'plain'],
  ['a terminal that says CI=false', { isTTY: true }, { CI: 'false' }, 'tty'],
  ['a terminal without a size', { isTTY: true, columns: 0 }, { TERM: 'xterm' }, 'plain'],
  ['a terminal that can do nothing', { isTTY: true }, { TERM: 'dumb' }, 'plain'],
])('auto on %s', (_, stream, env, expected) => {
  expect(reporterFor({ wanted: 'auto', stderr: new TestStream(stream), env })).toBe(expected);
});

test('what was asked for is taken as it is, and none says nothing', async () => {
  const [stdout, stderr] = [new TestStream(), new TestStream()];
  const setting = { stdout, stderr, env: {}, logLevel: 'warn' } as const;
  (await chooseReporter({ ...setting, wanted: 'none' })).report(at(1, failed('a.png')));
  expect(stdout.text + stderr.text).toBe('');
  (await chooseReporter({ ...setting, wanted: 'json' })).report(at(1, failed('a.png')));
  expect(JSON.parse(stdout.text)).toEqual(at(1, failed('a.png')));
});
