import { expect, test } from 'vitest';
import type { FailedMessage } from '../../src/workers/protocol.ts';
import { answerOf, lossOf } from '../../src/workers/warm-answer.ts';

const LIMITED = 'openai.RateLimitError: Error code: 429 - Rate limit reached';
const answer = (message: Partial<FailedMessage>) =>
  answerOf({ type: 'failed', id: 'a.png', reason: 'error', ...message }, { measured: 1 });

test('a worker that says busy is believed, whatever its message', () => {
  expect(answer({ reason: 'busy', retryAfterSeconds: 20, message: 'CUDA out of memory' })).toEqual({
    by: 'failed',
    reason: 'busy',
    message: 'CUDA out of memory',
    seconds: 1,
    retryAfterSeconds: 20,
  });
  expect(answer({ reason: 'busy', message: LIMITED })).toEqual({
    by: 'failed',
    reason: 'busy',
    message: LIMITED,
    seconds: 1,
  });
});

test('an error with the words of a busy service stays one: who knows the run decides', () => {
  expect(answer({ message: LIMITED })).toMatchObject({ reason: 'error' });
});

test('a wait goes with busy alone', () => {
  expect(answer({ retryAfterSeconds: 20 })).not.toHaveProperty('retryAfterSeconds');
  expect(answer({ retryAfterSeconds: 20, message: 'CUDA out of memory' })).toMatchObject({ reason: 'oom' });
});

test('an untranslated page has the refusal that its log shows with it, a translated one has not', () => {
  const lines = ['loading', `WARNING: ${LIMITED}`, 'nothing came back'];
  const done = (outcome: 'untranslated' | 'translated') =>
    answerOf({ type: 'done', id: 'a.png', outcome }, { measured: 1 }, lines);
  expect(done('untranslated')).toMatchObject({ by: 'done', refusal: expect.stringContaining(LIMITED) });
  expect(done('translated')).not.toHaveProperty('refusal');
});

const lost = (code: number, wasReady: boolean, ...lines: string[]) =>
  lossOf({
    end: { by: 'exit', code },
    endedBy: undefined,
    lines,
    wasReady,
    pageTimeoutMs: 1000,
    startTimeoutMs: 1000,
  }).message;

test('a worker that ends by itself and never said that it is ready is told what to call', () => {
  expect(lost(0, false)).toMatch(/without saying that it is ready: .*mgpu_worker\.run\(/);
  expect(lost(0, false, 'all set up')).toMatch(/mgpu_worker\.run\(.*: all set up$/);
  expect(lost(0, true)).toBe('ended (exit code 0) in the middle of a page');
});
