import { expect, test } from 'vitest';
import type { Happening, LogLevel, RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { EventLines } from '../../src/report/event-lines.ts';
import { LineLevels } from '../../src/workers/line-level.ts';
import { at, failed, started, translated } from './streams.ts';

const INNER = `Traceback (most recent call last):
  File "work.py", line 6, in deep
    int('x')
ValueError: invalid literal for int() with base 10: 'x'

The above exception was the direct cause of the following exception:
`;
const BOOM = 'RuntimeError: boom';
const TRACEBACK = `${INNER}
Traceback (most recent call last):
  File "work.py", line 11, in <module>
    deep()
${BOOM}`;

/** What is shown of a story, second by second: without times of day, and what is due in between. */
function shown(story: readonly [seconds: number, ...Happening[]][], logLevel: LogLevel = 'warn'): string[] {
  const lines = new EventLines({ logLevel, paint: PLAIN_PAINT });
  const told = story.flatMap(([seconds, ...happenings]) => {
    const events = happenings.map((happening): RunEvent => at(seconds, happening));
    const ms = seconds * 1000;
    return [...lines.due(ms), ...events.flatMap((event) => lines.add(event, ms))];
  });
  return [...told, ...lines.end()].map(({ text }) => text.replace(/^\d\d:\d\d:\d\d {2}/, ''));
}

/** Lines of a worker, with the levels that they have. */
function says(text: string, slot = 'gpu0-0'): Happening[] {
  const levels = new LineLevels();
  return text.split('\n').map((line) => ({
    type: 'worker-log',
    slot,
    stream: 'stderr',
    text: line,
    level: levels.levelOf(line),
  }));
}

const retried = (message: string, attempt = 1, slot = 'gpu0-0'): Happening => ({
  type: 'page-retried',
  page: 'a.png',
  slot,
  attempt,
  reason: 'error',
  message,
});
const exited = (exitCode: number, slot = 'gpu0-0'): Happening => ({
  type: 'worker-exited',
  slot,
  exitCode,
  signal: null,
  pages: 2,
});
const AGAIN = `retry  a.png  error: ${BOOM} (attempt 1 on gpu0-0)`;

test.each([
  ['before it', [...says(TRACEBACK), retried(BOOM)]],
  ['after it, on another pipe', [retried(BOOM), ...says(TRACEBACK)]],
  ['and its child ends with it', [...says(TRACEBACK), exited(1), retried(BOOM)]],
  [
    'with a line that announces it',
    [...says(`ERROR: [local] Error during ocr:\n${TRACEBACK}`), retried(BOOM)],
  ],
  ['and it is a complaint without a traceback', [...says(`ERROR: ${BOOM}`), retried(BOOM)]],
])('a failed try is one line, whatever its worker says %s', (_, happenings) => {
  expect(shown([[1, ...happenings]])).toEqual([AGAIN]);
});

test('several tries and the last one are a line each', () => {
  const story = [1, 2].map((attempt): [number, ...Happening[]] => [
    attempt,
    ...says(TRACEBACK),
    retried(BOOM, attempt),
  ]);
  expect(shown([...story, [3, ...says(TRACEBACK), failed('a.png', BOOM)]])).toEqual([
    AGAIN,
    AGAIN.replace('attempt 1', 'attempt 2'),
    `failed  a.png  oom: ${BOOM} (attempt 3 on gpu0-0)`,
  ]);
});

test('what no page is told of has a line of its own after two seconds', () => {
  const story: [number, ...Happening[]][] = [
    [1, ...says(TRACEBACK), translated('a.png', 'gpu0-0', 1)],
    [2, translated('b.png', 'gpu0-0', 1)],
  ];
  expect(shown(story.slice(0, 1))).toEqual([
    "gpu0-0 | ValueError: invalid literal for int() with base 10: 'x'",
    `gpu0-0 | ${BOOM}`,
  ]);
  const lines = new EventLines({ logLevel: 'warn', paint: PLAIN_PAINT });
  for (const happening of says(BOOM)) expect(lines.add(at(1, happening), 1000)).toEqual([]);
  expect(lines.due(2900)).toEqual([]);
  expect(lines.due(3000)).toEqual([{ text: `gpu0-0 | ${BOOM}`, isLog: true }]);
});

test('a worker that ended without a page that it failed says why in that line', () => {
  const again: Happening = { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 2 };
  expect(shown([[1, ...says(TRACEBACK), exited(1), again, ...says(TRACEBACK), exited(1)]])).toEqual([
    `gpu0-0 worker ended with exit code 1 after 2 pages: ${BOOM}`,
    `gpu0-0 worker ended with exit code 1 after 2 pages: ${BOOM}`,
  ]);
});

test('the words of one worker are not taken for those of another', () => {
  expect(shown([[1, ...says('ERROR: no disk', 'gpu1-0'), retried('no disk')]])).toEqual([
    AGAIN.replace(BOOM, 'no disk'),
    'gpu1-0 | ERROR: no disk',
  ]);
});

test('a complaint about something else stays', () => {
  expect(shown([[1, ...says(`ERROR: the font is missing\n${TRACEBACK}`), retried(BOOM)]])).toEqual([
    'gpu0-0 | ERROR: the font is missing',
    AGAIN,
  ]);
});

test('a line that each worker says again is shown once, and the others are counted', () => {
  const warning = (hour: number) => `2025-01-02 0${hour}:04:05,678 - torch - WARNING - old API`;
  const workers = ['gpu0-0', 'gpu1-0', 'gpu2-0'];
  expect(shown([[1, ...workers.flatMap((slot, n) => says(warning(n), slot))]])).toEqual([
    `gpu0-0 | ${warning(0)}`,
    '2 lines repeated by workers: see gpu1-0.log, gpu2-0.log in the logs folder',
  ]);
});

test('from level info on all of it is shown', () => {
  const lines = shown([[1, ...says(TRACEBACK), exited(1), retried(BOOM)]], 'info');
  expect(lines).toHaveLength(TRACEBACK.split('\n').length + 2);
  expect(lines).toContain('gpu0-0 | Traceback (most recent call last):');
});

test('a worker that complains without end is shown, and no more of it is held than fifty lines', () => {
  const lines = new EventLines({ logLevel: 'warn', paint: PLAIN_PAINT });
  lines.add(started(['gpu0-0']), 0);
  const texts = Array.from({ length: 60 }, (_, n) => `ERROR: trouble ${n}`);
  const told = texts.flatMap((text) => says(text)).flatMap((happening) => lines.add(at(1, happening), 1000));
  expect(told).toHaveLength(10);
  expect(lines.end()).toHaveLength(50);
});

test('a message that begins with its reason stands alone, and an exit code that tells of a signal names it', () => {
  expect(
    shown([
      [1, exited(139)],
      [3000, retried('error in the page')],
    ]),
  ).toEqual([
    'gpu0-0 worker ended with SIGSEGV (exit code 139) after 2 pages',
    'retry  a.png  error in the page (attempt 1 on gpu0-0)',
  ]);
});
