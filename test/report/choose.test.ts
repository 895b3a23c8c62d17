import { expect, test } from 'vitest';
import { chooseReporter, reporterFor } from '../../src/report/choose.ts';
import { at, failed, TestStream } from './streams.ts';

/** What IPython gives to a command behind `!`. */
const cell = { isTTY: true, columns: 80, rows: 24 };

test.each([
  ['a terminal', { isTTY: true }, { TERM: 'xterm' }, 'tty'],
  ['a file or a pipe', { isTTY: false }, { TERM: 'xterm' }, 'plain'],
  ['a terminal in CI', { isTTY: true }, { CI: 'true' }, 'plain'],
  ['a terminal that says CI=false', { isTTY: true }, { CI: 'false' }, 'tty'],
  ['a terminal without a size', { isTTY: true, columns: 0 }, { TERM: 'xterm' }, 'plain'],
  ['a terminal that can do nothing', { isTTY: true }, { TERM: 'dumb' }, 'plain'],
  ['a Jupyter cell', cell, { TERM: 'xterm-color', JPY_PARENT_PID: '3' }, 'plain'],
  ['a Colab cell', cell, { COLAB_RELEASE_TAG: 'release-colab_20250101' }, 'plain'],
  ['an old Colab cell', cell, { COLAB_GPU: '0' }, 'plain'],
  ['a Kaggle cell', cell, { KAGGLE_KERNEL_RUN_TYPE: 'Interactive' }, 'plain'],
  ['a Databricks cell', cell, { DATABRICKS_RUNTIME_VERSION: '16.4' }, 'plain'],
  ['a VS Code cell', cell, { MPLBACKEND: 'module://matplotlib_inline.backend_inline' }, 'plain'],
  ['a terminal for which plots go to a window', cell, { MPLBACKEND: 'TkAgg', JPY_PARENT_PID: '' }, 'tty'],
])('auto on %s', (_, stream, env, expected) => {
  expect(reporterFor({ wanted: 'auto', stderr: new TestStream(stream), env })).toBe(expected);
});

test('a bar is drawn in a notebook where it was asked for', () => {
  const stderr = new TestStream(cell);
  expect(reporterFor({ wanted: 'tty', stderr, env: { JPY_PARENT_PID: '3', CI: 'true' } })).toBe('tty');
});

test('what was asked for is taken as it is, and none says nothing', async () => {
  const [stdout, stderr] = [new TestStream(), new TestStream()];
  const setting = { stdout, stderr, env: {}, logLevel: 'warn' } as const;
  (await chooseReporter({ ...setting, wanted: 'none' })).report(at(1, failed('a.png')));
  expect(stdout.text + stderr.text).toBe('');
  (await chooseReporter({ ...setting, wanted: 'json' })).report(at(1, failed('a.png')));
  expect(JSON.parse(stdout.text)).toEqual(at(1, failed('a.png')));
});
