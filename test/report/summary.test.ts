import { expect, test } from 'vitest';
import type { PageFinished } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { runSummarySchema } from '../../src/report/summary-schema.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { at, failed, started, translated } from './streams.ts';

const exited = (slot: string, exitCode: number | null, signal: string | null = null) =>
  ({ type: 'worker-exited', slot, exitCode, signal, pages: 1 }) as const;

test('adds up what each GPU did', () => {
  const builder = new SummaryBuilder();
  const events = [
    started(['gpu0-0', 'gpu0-1', 'gpu1-0']),
    at(0, { type: 'pages-found', pages: 10, skipped: 6 }),
    at(0, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }),
    at(2, { type: 'page-started', page: 'a', slot: 'gpu0-0', attempt: 1 }),
    at(4, { type: 'worker-started', slot: 'gpu0-1', gpu: 0, pid: 2 }),
    at(5, translated('a', 'gpu0-0', 3)),
    at(6, exited('gpu0-0', 0)),
    at(8, translated('b', 'gpu0-1', 4)),
    at(10, exited('gpu0-1', null, 'SIGKILL')),
    at(15, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 3 }),
    at(19, { ...translated('c', 'gpu0-0', 4), outcome: 'no-text' } as ReturnType<typeof translated>),
    at(20, exited('gpu0-0', 0)),
  ];
  for (const event of events) builder.add(event);
  const { gpus, counts, finished, secondsLeft } = builder.summary();
  expect(gpus[0]).toMatchObject({
    gpu: 0,
    name: 'Tesla T4',
    pages: 3,
    outcomes: { translated: 2, 'no-text': 1 },
    busySeconds: 15,
    busyShare: 0.75,
    loads: 3,
    secondsPerPage: 3.667,
    exits: { '0': 2, SIGKILL: 1 },
  });
  expect(gpus[1]).toMatchObject({ gpu: 1, pages: 0, busySeconds: 0, secondsPerPage: null });
  expect({ counts, finished }).toMatchObject({ counts: { skipped: 6, left: 1 }, finished: false });
  expect(secondsLeft).toBeCloseTo(20 / 3);
});

test('a worker that never came back was busy until the last event', () => {
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0']));
  builder.add(at(5, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }));
  builder.add(at(9, failed('a')));
  expect(builder.summary().gpus[0]?.busySeconds).toBe(4);
});

test('a warm worker is busy while it loads or has a page, not while it waits', () => {
  const builder = new SummaryBuilder();
  const page = (name: string, slot: string) =>
    ({ type: 'page-started', page: name, slot, attempt: 1 }) as const;
  for (const event of [
    started(['gpu0-0', 'gpu1-0']),
    at(0, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }),
    at(0, { type: 'worker-started', slot: 'gpu1-0', gpu: 1, pid: 2 }),
    at(4, { type: 'worker-ready', slot: 'gpu0-0', loadSeconds: 4 }),
    at(4, { type: 'worker-ready', slot: 'gpu1-0', loadSeconds: 4 }),
    // Waits for a second, then has two pages of which the next begins before the last is on record.
    at(5, page('a', 'gpu0-0')),
    at(8, page('b', 'gpu0-0')),
    at(8.1, translated('a', 'gpu0-0', 3)),
    at(11, { type: 'page-retried', page: 'b', slot: 'gpu0-0', attempt: 1, reason: 'oom', message: '' }),
    // The other card: a page that is on record without a slot, and one that is lost with its worker.
    at(5, page('c', 'gpu1-0')),
    at(6, { type: 'page-finished', page: 'c', attempt: 1, outcome: 'failed', reason: 'not-tried' }),
    at(20, page('d', 'gpu1-0')),
    at(30, exited('gpu1-0', null, 'SIGSEGV')),
    at(31, { type: 'page-retried', page: 'd', slot: 'gpu1-0', attempt: 1, reason: 'crash', message: '' }),
    at(100, exited('gpu0-0', 0)),
  ])
    builder.add(event);
  const [fast, slow] = builder.summary().gpus;
  expect(fast).toMatchObject({ busySeconds: 10, busyShare: 0.1 });
  expect(slow).toMatchObject({ busySeconds: 15, busyShare: 0.15 });
});

test('a GPU is busy while any of its workers is', () => {
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0', 'gpu0-1']));
  const events = ['gpu0-0', 'gpu0-1'].flatMap((slot, n) => [
    at(n, { type: 'worker-started', slot, gpu: 0, pid: n }),
    at(n + 2, { type: 'worker-ready', slot, loadSeconds: 2 }),
    at(n + 10, { type: 'page-started', page: slot, slot, attempt: 1 }),
    at(n + 12, translated(slot, slot, 2)),
  ]);
  for (const event of events.sort((a, b) => a.time.localeCompare(b.time))) builder.add(event);
  builder.add(at(20, exited('gpu0-0', 0)));
  // Killed: the other one never came back, and was on no page.
  expect(builder.summary().gpus[0]).toMatchObject({ busySeconds: 6, busyShare: 0.3 });
});

test('the load of a program that names no page has no page in it', () => {
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0']));
  builder.add(at(0, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }));
  builder.add(at(12, { type: 'page-started', page: 'a', slot: 'gpu0-0', attempt: 1 }));
  builder.add(
    at(14, {
      type: 'page-finished',
      page: 'a',
      slot: 'gpu0-0',
      attempt: 1,
      outcome: 'translated',
      output: 'a',
    }),
  );
  for (const [n, page] of ['b', 'c'].entries()) builder.add(at(16 + 2 * n, translated(page, 'gpu0-0', 2)));
  expect(builder.summary().gpus[0]).toMatchObject({ secondsPerPage: 2, secondsPerLoad: 10 });
});

test('lists the first thousand failures of a reason and counts the others', () => {
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0']));
  for (let n = 0; n < 1500; n += 1) builder.add(at(n, failed(`p${n}`, 'x'.repeat(10_000))));
  const [group] = builder.summary().failures;
  expect(group).toMatchObject({ reason: 'oom', count: 1500 });
  expect(group?.pages).toHaveLength(1000);
  expect(group?.pages[0]?.message?.length).toBeLessThan(600);
});

const page = (name: string) => ({ ...translated(name, 'gpu0-0', 1), type: 'page-finished' }) as PageFinished;

test('counts outputs that are their sources again', () => {
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0']));
  builder.add(at(1, translated('a', 'gpu0-0', 1)));
  builder.add(at(2, { ...translated('b', 'gpu0-0', 1), unchanged: true } as ReturnType<typeof translated>));
  const summary = builder.summary();
  expect(summary).toMatchObject({ unchanged: 1, counts: { translated: 2 } });
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  expect(summaryText(summary, PLAIN_PAINT)).toContain(
    'unchanged: 1 output equal to the original, byte for byte',
  );
});

test('notes on pages are counted, and the first are listed', () => {
  const builder = new SummaryBuilder();
  expect(builder.summary().notes).toBeUndefined();
  builder.add(started(['gpu0-0']));
  for (let n = 0; n < 1500; n += 1)
    builder.add(at(n, { ...page(`${n}`), notes: ['a sign is left', 'x\u001b[2J'] }));
  builder.add(at(1500, page('z')));
  const summary = builder.summary();
  expect(summary.notes).toMatchObject({
    count: 1500,
    pages: { 0: { page: '0', notes: ['a sign is left', 'x\u001b[2J'] } },
  });
  expect(summary.notes?.pages).toHaveLength(1000);
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  const text = summaryText({ ...summary, paths: { output: 'out', logs: 'l', ledger: 'l' } }, PLAIN_PAINT);
  expect(text).toContain(
    [
      'notes of the translator: 1500 pages',
      '  0  a sign is left; x\\x1b[2J',
      '  1  a sign is left; x\\x1b[2J',
      '  2  a sign is left; x\\x1b[2J',
      '  … and 1497 more: mgpu-translate report out --format csv',
    ].join('\n'),
  );
});

test('notes take a bounded part of a summary', () => {
  const builder = new SummaryBuilder();
  for (let n = 0; n < 1000; n += 1)
    builder.add(at(n, { ...page(`${n}`), notes: Array(10).fill('n'.repeat(200)) }));
  const { notes } = builder.summary();
  expect(notes?.count).toBe(1000);
  expect(JSON.stringify(notes).length).toBeLessThan(210_000);
});

test('is what its schema says, and says how to go on only where something is left', () => {
  const builder = new SummaryBuilder();
  const counts = { translated: 1, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 };
  builder.add(started(['cpu-0']));
  builder.add(at(3, translated('a', 'cpu-0', 2)));
  builder.add(at(4, { type: 'run-finished', counts, seconds: 4, exitCode: 0, gpus: [] }));
  const paths = { output: '/out', logs: '/out/.mgpu/runs/r1/logs', ledger: '/out/.mgpu/ledger.ndjson' };
  const summary = builder.summary({ paths, continueCommand: 'mgpu-translate run in' });
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  expect(summary).toMatchObject({ exitCode: 0, finished: true, pagesPerMinute: 15, paths });
  expect(summary.continueCommand).toBeUndefined();
  builder.add(
    at(5, { type: 'run-finished', counts: { ...counts, left: 2 }, seconds: 5, exitCode: 130, gpus: [] }),
  );
  expect(builder.summary({ continueCommand: 'again' }).continueCommand).toBe('again');
});

test('says what dynamic would have saved where shards were uneven, and nothing where they were not', () => {
  const run = (seconds: readonly number[], failed = 0) => {
    const builder = new SummaryBuilder();
    builder.add(started(['gpu0-0', 'gpu1-0']));
    let end = 0;
    for (const [gpu, each] of seconds.entries()) {
      const slot = `gpu${gpu}-0`;
      builder.add(at(0, { type: 'worker-started', slot, gpu, pid: 1 }));
      builder.add(at(2, { type: 'worker-ready', slot, loadSeconds: 2 }));
      for (let n = 1; n <= 50; n += 1) builder.add(at(2 + n * each, translated(`${gpu}-${n}`, slot, each)));
      end = Math.max(end, 2 + 50 * each);
    }
    const counts = { translated: 100, 'no-text': 0, untranslated: 0, failed, skipped: 0, left: 0 };
    builder.add(at(end, { type: 'run-finished', counts, seconds: end, exitCode: 0, gpus: [] }));
    return builder.summary().saving;
  };
  expect(run([2, 2])).toBeUndefined();
  const saving = run([1, 3]);
  expect(saving?.strategy).toBe('dynamic');
  expect(saving?.seconds).toBeGreaterThan(48);
  expect(saving?.seconds).toBeLessThan(51);
  // What the tries of failed pages took is in neither time.
  expect(run([1, 3], 1)).toEqual(saving);
});

test('tells the costs, what was expected, and how long what a sample left out will take', () => {
  const paid = (page: string, cost: number) =>
    ({
      type: 'page-finished',
      page,
      slot: 'gpu0-0',
      attempt: 1,
      outcome: 'translated',
      seconds: 1,
      cost,
    }) as const;
  const builder = new SummaryBuilder();
  builder.add(started(['gpu0-0']));
  builder.add(at(1, { type: 'forecast', secondsLeft: 9, pagesLeft: 4, by: 'earlier-runs' }));
  builder.add(at(2, paid('1', 0.1)));
  builder.add(at(3, paid('2', 0.2)));
  builder.add(at(4, { type: 'forecast', secondsLeft: 3, pagesLeft: 2, by: 'this-run' }));
  expect(builder.summary()).toMatchObject({ cost: 0.3, forecastSeconds: 10 });
  builder.add(at(5, { type: 'forecast', secondsLeft: 700, pagesLeft: 300, by: 'rest' }));
  const counts = { translated: 2, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 };
  builder.add(at(6, { type: 'run-finished', counts, seconds: 6, exitCode: 0, gpus: [], cost: 0.35 }));
  const summary = builder.summary();
  expect(summary).toMatchObject({ cost: 0.35, forecastSeconds: 10, rest: { pages: 300, seconds: 700 } });
  const text = summaryText(summary, PLAIN_PAINT);
  expect(text).toContain('2 pages in 6.0 s (forecast 10 s)');
  expect(text).toContain('cost 0.35, as the workers report it');
  expect(text).toContain('300 more are to do: about 11 min 40 s (run the same command without --sample)');
});
