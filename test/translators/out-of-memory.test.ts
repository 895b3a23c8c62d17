import { expect, test } from 'vitest';
import { withWorkerWords } from '../../scripts/write-worker-words.ts';
import { failureOf } from '../../src/run/slots/one-shot-failure.ts';
import { tellsOutOfMemory } from '../../src/translators/out-of-memory.ts';
import { wantedBytes } from '../../src/workers/last-words.ts';
import { answerOf } from '../../src/workers/warm-answer.ts';
import { OTHER_LINES, OUT_OF_MEMORY_LINES } from '../fixtures/out-of-memory.ts';
import { processorMs } from '../fixtures/processor-ms.ts';
import { pythonLibrary } from '../python/ask-worker.ts';

test.each(OUT_OF_MEMORY_LINES.map(([line, bytes]) => ({ line, bytes })))('$line', ({ line, bytes }) => {
  expect(tellsOutOfMemory(['before', line, 'after'])).toBe(true);
  expect(wantedBytes(line)).toBe(bytes);
});

test.each(OTHER_LINES)('not out of memory: %s', (line) => {
  expect(tellsOutOfMemory([line])).toBe(false);
});

const TOOK = { measured: 1 };
const limits = { pageTimeoutMs: 0, startTimeoutMs: 0 };
const scriptFails = (line: string): string =>
  failureOf({ end: { by: 'exit', code: 1 }, lastLines: [line] }, undefined, limits).reason;
const workerSays = (message: string) =>
  answerOf({ type: 'failed', id: 'a.png', reason: 'error', message }, TOOK) as { reason: string };

test.each(OUT_OF_MEMORY_LINES.map(([line]) => line))(
  'a script and a worker that knows no better: %s',
  (line) => {
    expect([scriptFails(line), workerSays(line).reason]).toEqual(['oom', 'oom']);
  },
);

test('what a worker knows better stands', () => {
  const message = 'MemoryError';
  expect(answerOf({ type: 'failed', id: 'a.png', reason: 'unreadable', message }, TOOK)).toMatchObject({
    reason: 'unreadable',
  });
});

test('the Python library has the same words: else run tsx scripts/write-worker-words.ts', () => {
  expect(pythonLibrary()).toBe(withWorkerWords(pythonLibrary()));
  expect(() => withWorkerWords('import re\n')).toThrow('lost its mark');
});

test('no line takes long', () => {
  const parts = ['a', 'a.', ' ', 'error ', 'cuda ', '1,', 'OutOfMemory', 'warn ', 'a_ALLOC', '[ '];
  const ms = processorMs(() => {
    for (const part of parts) tellsOutOfMemory([part.repeat(500_000 / part.length)]);
  });
  expect(ms).toBeLessThan(1000);
});
