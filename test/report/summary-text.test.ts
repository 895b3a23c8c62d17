import { expect, test } from 'vitest';
import type { Happening, RunEvent } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import type { SummaryContext } from '../../src/report/run-summary.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { at, failed, started, translated } from './streams.ts';

function textOf(events: readonly RunEvent[], context: SummaryContext = {}): string {
  const builder = new SummaryBuilder();
  for (const event of events) builder.add(event);
  return summaryText(builder.summary(context), PLAIN_PAINT);
}

const counts = { translated: 1, 'no-text': 0, untranslated: 0, failed: 12, skipped: 3, left: 2 };
const paths = { output: "/data/it's mine", logs: '/logs', ledger: '/ledger' };

test('has a row a GPU, failures by reason with a hint, the paths, and how to resume', () => {
  const text = textOf(
    [
      started(['gpu0-0', 'gpu1-0']),
      at(0, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }),
      at(1.5, { type: 'page-started', page: 'a', slot: 'gpu0-0', attempt: 1 }),
      at(60, translated('a', 'gpu0-0', 58.5)),
      ...Array.from({ length: 12 }, (_, n) => at(60 + n, failed(`ch1/p${n}.png`, 'CUDA out of memory'))),
      at(118, { type: 'worker-exited', slot: 'gpu0-0', exitCode: null, signal: 'SIGKILL', pages: 1 }),
      at(120, { type: 'gpu-benched', gpu: 1, reason: 'never ready' }),
      at(120, { type: 'run-finished', counts, seconds: 120, exitCode: 1, message: 'no\nspace', gpus: [] }),
    ],
    { paths, continueCommand: 'mgpu-translate run in' },
  );
  expect(text).toContain(
    '13 pages in 2 min, 6.5 pages/min\n1 translated, 12 failed, 2 left, 3 done before\nno\nspace',
  );
  expect(text).toContain(
    'gpu0  Tesla T4     13           1      12   58.50  98 %      1     1.5  SIGKILL ×1',
  );
  expect(text).toContain('gpu1 disabled: never ready');
  expect(text).toContain('failed, oom: 12 pages\n  ch1/p0.png  CUDA out of memory (3 attempts)');
  expect(text).not.toContain('p10.png');
  expect(text).toContain("… and 2 more: mgpu-translate report '/data/it'\\''s mine'");
  expect(text).toContain('--workers-per-gpu 1');
  expect(text).toContain('logs     /logs');
  expect(text).toContain('resume   mgpu-translate run in');
});

test('a run without trouble is short', () => {
  const good = { ...counts, failed: 0, skipped: 0, left: 0 };
  const text = textOf([
    started(['cpu-0']),
    at(4, translated('a', 'cpu-0', 2)),
    at(5, { type: 'run-finished', counts: good, seconds: 5, exitCode: 0, gpus: [] }),
  ]);
  expect(text).toBe('1 page in 5.0 s, 12.0 pages/min\n1 translated');
});

test('says how long workers waited for input, where pages were copied ahead or it is worth telling', () => {
  const lineOf = (...pages: readonly { staged?: true; waitSeconds?: number }[]): string | undefined =>
    textOf([
      started(['cpu-0']),
      ...pages.map((extra, n) => at(n, { ...translated(`p${n}`, 'cpu-0', 2), ...extra })),
    ])
      .split('\n')
      .find((line) => line.startsWith('input'));
  expect(lineOf({ staged: true, waitSeconds: 0 }, { staged: true, waitSeconds: 0.4 }, {})).toBe(
    'input    2 pages copied ahead of the workers, which waited 0.4 s for input',
  );
  // A script's reading is not seen.
  expect(lineOf({ staged: true }, {})).toBe('input    1 page copied ahead of the workers');
  expect(lineOf({ waitSeconds: 40 }, { waitSeconds: 35 })).toBe(
    'input    workers waited 1 min 15 s for input',
  );
  expect(lineOf({ waitSeconds: 0.3 })).toBeUndefined();
  expect(lineOf({})).toBeUndefined();
});

test('no control character of a name or message reaches the terminal', () => {
  const text = textOf([started(['gpu0-0']), at(1, failed('\u001b[2J\u202e\n.png', '\u0007\u009b'))]);
  expect(text).toContain('\\x1b[2J\\u202e\\n.png  \\x07\\x9b');
});

test('names that are not UTF-8 get the command that mends them', () => {
  const unreadable = { ...failed('ch\\x81/1.png', 'its name is not UTF-8'), reason: 'unreadable' } as const;
  expect(textOf([started(['gpu0-0']), at(1, unreadable as ReturnType<typeof failed>)])).toContain('convmv');
});

test('pages of a killed run, and originals in the place of failed ones, are told', () => {
  const crashed = (page: string, slot: string): Happening => ({
    ...failed(page, 'crashed with SIGSEGV'),
    ...{ slot, reason: 'crash', originalInPlace: true },
  });
  const text = textOf(
    [
      started(['gpu0-0', 'gpu1-0']),
      at(1, { type: 'page-finished', page: 'a', attempt: 0, outcome: 'translated', recovered: true }),
      at(2, translated('b', 'gpu0-0', 1)),
      at(3, crashed('c', 'gpu0-0')),
      at(4, crashed('d', 'gpu1-0')),
    ],
    { paths: { output: '/out', logs: '/out/.mgpu/runs/r1/logs', ledger: '/ledger' } },
  );
  expect(text).toContain('2 translated, 2 failed\n1 page of these taken over from an earlier run');
  expect(text).toContain(
    'originals in the output: 2 failed pages, not translated\n  → put there by --on-failed copy',
  );
  expect(text).toContain("→ see the translator's output: /out/.mgpu/runs/r1/logs/gpu0-0.log, gpu1-0.log");
});
