import { tellsBrokenContext } from '../../../src/translators/broken-context.ts';
import { OneShotLog } from '../../../src/translators/manga-image-translator/one-shot-log.ts';
import { tellsOutOfMemory } from '../../../src/translators/out-of-memory.ts';
import { serviceRefusal, tellsServiceRefusal } from '../../../src/translators/service-refusal.ts';
import {
  mainLine,
  tellsException,
  tellsFullDisk,
  wantedBytes,
  wantedMemory,
  withoutParticulars,
} from '../../../src/workers/last-words.ts';
import { LineLevels, levelOfLine } from '../../../src/workers/line-level.ts';
import { OUT_OF_MEMORY_LINES } from '../../../test/fixtures/out-of-memory.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const LOG = [
  '[local] Translating: "/b/in/001.png"',
  '[local] Running ocr',
  'WARNING: [local] No text regions! - Skipping',
  'ERROR: [local] Error during translating:\nTraceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: bad',
  'ERROR: [local] ValueError: broken PNG file',
  '[local] Saving "/b/out/001.png"',
  '[local] Failed to open image: /b/in/x.png, error: cannot identify image file',
  '[local] Processing batch 1/3 (size: 4)',
  '[local] Pre-processing image 1/4',
  '[local] Starting batch translation phase...',
  'ERROR: [local] Image 2 pre-processing error: ValueError: x',
  '[local] Saving translation result: "/b/in/001.png"',
  '[local] Done. Translated 4 images, 0 skipped',
];
const LOG_WORDS = [
  '[local] ',
  'Translating: "',
  '"',
  '\n',
  'ERROR: ',
  'Processing batch 1/1 (size: 9',
  'Pre-processing image ',
  ', error: ',
  'Failed to open image: ',
];
const LAST_WORDS = [
  "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached. Please try again in 7m12.5s', \"code\": 429}}",
  "httpx.HTTPStatusError: Client error '429 Too Many Requests' for url 'https://api.x.com/v1'",
  'RuntimeError: CUDA error: device-side assert triggered',
  'google.api_core.exceptions.ResourceExhausted: 429 Resource has been exhausted',
  'RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED',
  '2025-01-02 03:04:05,678 - root - ERROR - page "ch1/001.png" failed: retry-after: 20',
  "OSError: [Errno 28] No space left on device: '/out/a.png'",
];
const WORDS = [
  'out of memory',
  'CUDA ',
  'Error: ',
  'error.',
  'a.',
  'A',
  ' - ',
  '| ',
  '[',
  '"',
  "'",
  '\\',
  '/',
  'http://',
  '429 ',
  'status code ',
  'retry after ',
  'wait 1',
  'try again in ',
  '1 ',
  '1s',
  '.png',
  '(',
  '{',
  'a',
  ' ',
  '\t',
  'w1',
  '-',
  'Tried to allocate 2',
  ': ',
  'per day',
  "'code': ",
  'E',
  '__',
  '1,',
  '\u2018',
  '「',
  '«',
];

/** What a child wrote, asked for what it means. */
export const logTargets: readonly FuzzTarget[] = [
  {
    name: 'manga-log',
    kind: 'translator output',
    examples: asBuffers(LOG.join('\n'), ...LOG),
    words: LOG_WORDS,
    longestBytes: 256 * 1024,
    read: (input) => {
      const log = new OneShotLog({ input: '/b/in', output: '/b/out' });
      // As long as a line comes from the pipe.
      for (const line of input.toString('utf8').split('\n')) log.line(line.slice(0, 68 * 1024));
      log.end();
      return log.outcomeOf('001.png');
    },
  },
  {
    name: 'last-words',
    kind: 'translator output',
    examples: asBuffers(LAST_WORDS.join('\n'), ...LAST_WORDS, ...OUT_OF_MEMORY_LINES.map(([line]) => line)),
    words: WORDS,
    longestBytes: 256 * 1024,
    share: 2,
    read: (input) => {
      const text = input.toString('utf8');
      const lines = text
        .split('\n')
        .slice(0, 40)
        .map((line) => line.slice(0, 400));
      levelOfLine(text);
      new LineLevels().levelOf(text);
      mainLine(lines);
      tellsException(lines);
      tellsFullDisk(lines);
      wantedMemory(text.slice(0, MESSAGE));
      wantedBytes(mainLine(lines));
      return withoutParticulars(text.slice(0, MESSAGE));
    },
  },
  {
    name: 'said-words',
    kind: 'translator output',
    examples: asBuffers(LAST_WORDS.join('\n'), ...LAST_WORDS, ...OUT_OF_MEMORY_LINES.map(([line]) => line)),
    words: WORDS,
    // A message of a worker; lines of a log are shorter.
    longestBytes: 8 * 1024,
    share: 2,
    read: (input) => {
      const text = input.toString('utf8');
      tellsOutOfMemory([text]);
      tellsBrokenContext([text]);
      tellsServiceRefusal(text);
      return serviceRefusal(text, 'ch1/001.png', { hasAnswered: true });
    },
  },
  {
    name: 'said-line',
    kind: 'translator output',
    examples: asBuffers(LAST_WORDS.join(' '), ...LAST_WORDS, ...OUT_OF_MEMORY_LINES.map(([line]) => line)),
    words: WORDS,
    // A line of a log.
    longestBytes: 68 * 1024,
    read: (input) => {
      const text = input.toString('utf8');
      tellsOutOfMemory([text]);
      tellsBrokenContext([text]);
      return tellsServiceRefusal(text);
    },
  },
];

/** Characters of a worker's message that are kept. */
const MESSAGE = 8000;
