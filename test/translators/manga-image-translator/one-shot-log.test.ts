import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OneShotLog } from '../../../src/translators/manga-image-translator/one-shot-log.ts';

const RECORDED = join(import.meta.dirname, '../../fixtures/manga-image-translator');
const FOLDERS = { input: '/batch/in', output: '/batch/out' };

function read(lines: readonly string[]): OneShotLog {
  const log = new OneShotLog(FOLDERS);
  for (const line of lines) log.line(line);
  log.end();
  return log;
}

const recorded = (name: string): OneShotLog => read(readFileSync(join(RECORDED, name), 'utf8').split('\n'));
const failed = (reason: string, message: string) => ({
  outcome: 'failed',
  reason,
  message: expect.stringContaining(message),
});
const good = (outcome: string) => ({ outcome, saved: true });
const OOM = failed('oom', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 13.42 GiB');

test.each([
  ['text.png', good('translated')],
  ['blank.png', good('no-text')],
  ['yellow.png', good('no-text')],
  ['cyan.png', good('untranslated')],
  ['red.png', OOM],
  ['blue.png', failed('error', 'ValueError: stub detection failed')],
  ['magenta.png', failed('error', 'RuntimeError: stub ocr failed')],
  ['cut.jpg', failed('unreadable', 'OSError: image file is truncated')],
  ['empty.png', failed('unreadable', 'could not open')],
  ['page.bmp', failed('error', 'FormatNotSupportedException')],
])('a real run with --ignore-errors tells the truth about %s', (page, outcome) => {
  expect(recorded('ignore-errors.txt').outcomeOf(page)).toEqual(outcome);
});

test.each([
  ['text.png', good('translated')],
  ['blank.png', good('no-text')],
  ['yellow.png', good('no-text')],
  ['cyan.png', good('untranslated')],
  ['red.png', OOM],
  ['blue.png', failed('error', 'ValueError: stub detection failed')],
  ['magenta.png', failed('error', 'RuntimeError: stub ocr failed')],
  ['cut.jpg', failed('unreadable', 'image file is truncated')],
  ['empty.png', failed('unreadable', 'cannot identify image file')],
  ['page.bmp', failed('error', 'Format bmp is not supported')],
])('a real run in batches of two tells the truth about %s', (page, outcome) => {
  expect(recorded('batch-size-2.txt').outcomeOf(page)).toEqual(outcome);
});

test.each([
  ['text.png', good('translated')],
  ['blank.png', { outcome: 'no-text', saved: false }],
  ['cyan.png', { outcome: 'untranslated', saved: false }],
  ['red.png', OOM],
  ['magenta.png', failed('error', 'RuntimeError: stub ocr failed')],
])('a real run with --skip-no-text tells the truth about %s', (page, outcome) => {
  expect(recorded('skip-no-text.txt').outcomeOf(page)).toEqual(outcome);
});

test('an outcome is known once the program went on to the next page', () => {
  const log = new OneShotLog(FOLDERS);
  log.line('[local] Translating: "/batch/in/ch 1/a.png"');
  log.line('[local] Saving "/batch/out/ch 1/a.png"');
  expect(log.outcomeOf('ch 1/a.png')).toBeUndefined();
  log.line('[local] Translating: "/batch/in/b.png"');
  expect(log.outcomeOf('ch 1/a.png')).toEqual(good('translated'));
  log.end();
  expect(log.outcomeOf('b.png')).toBeUndefined();
});

test('names with quotes and newlines are read whole', () => {
  const log = read([
    '[local] Translating: "/batch/in/a "b"',
    'c.png"',
    'WARNING: [local] No text regions! - Skipping',
    '[local] Saving "/batch/out/a "b"',
    'c.png"',
  ]);
  expect(log.outcomeOf('a "b"\nc.png')).toEqual(good('no-text'));
});

test('an attempt that succeeds after a failed one counts', () => {
  const log = read([
    '[local] Translating: "/batch/in/a.png"',
    'ERROR: [local] OSError: disk quota exceeded',
    '[local] Retrying translation! Attempt 1 of 2',
    '[local] Saving "/batch/out/a.png"',
  ]);
  expect(log.outcomeOf('a.png')).toEqual(good('translated'));
});

test("a translator's own complaints fail no page", () => {
  const log = read([
    '[local] Translating: "/batch/in/a.png"',
    'ERROR: [ChatGPTTranslator] RateLimitError: too many requests, trying again',
    'ERROR: [local] Error saving input.png debug image: no space',
    '[local] Saving "/batch/out/a.png"',
  ]);
  expect(log.outcomeOf('a.png')).toEqual(good('translated'));
});

test('a failed translation fails every page of its batch that had text', () => {
  const log = read([
    '[local] Processing batch 1/1 (size: 2)',
    '[local] Pre-processing image 1/2',
    '[local] Pre-processing image 2/2',
    'WARNING: [local] No text regions! - Skipping',
    '[local] Starting batch translation phase...',
    'ERROR: [local] Error during translating:',
    'Traceback (most recent call last):',
    '  File "x.py", line 1, in f',
    'openai.APIConnectionError: Connection error.',
    '[local] Saving original image (no_original_text): /batch/in/a.png',
    '[local] Saving translation result: "/batch/out/b.png"',
  ]);
  expect(log.outcomeOf('a.png')).toEqual(failed('error', 'APIConnectionError'));
  expect(log.outcomeOf('b.png')).toEqual(good('no-text'));
});

test('a page that is saved as it was because a service refused it comes again, and the next one is judged by itself', () => {
  const log = read([
    '[local] Translating: "/batch/in/1.png"',
    'WARNING: [GPTTranslator] Retrying: openai.RateLimitError: Error code: 429 - Rate limit reached for gpt-4o',
    'WARNING: [local] Text translator returned empty queries',
    '[local] Saving "/batch/out/1.png"',
    '[local] Translating: "/batch/in/2.png"',
    'WARNING: [local] Text translator returned empty queries',
    '[local] Saving "/batch/out/2.png"',
  ]);
  expect(log.outcomeOf('1.png')).toEqual(failed('error', 'Error code: 429'));
  expect(log.outcomeOf('2.png')).toEqual(good('untranslated'));
});

test('a batch may claim any size, and a failure say any length', () => {
  const log = read([
    '[local] Processing batch 1/1 (size: 99999999999)',
    '[local] Pre-processing image 2/99999999999',
    `ERROR: [local] Image 1 pre-processing error: ValueError: ${'x'.repeat(60_000)}`,
    '[local] Saving original image (error): /batch/in/a.png',
  ]);
  const outcome = log.outcomeOf('a.png');
  expect(outcome).toMatchObject({ outcome: 'failed', message: expect.stringMatching(/^ValueError: x+ … /) });
  expect(JSON.stringify(outcome).length).toBeLessThan(9000);
});
