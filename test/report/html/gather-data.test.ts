import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { gatherData } from '../../../src/report/html/gather-data.ts';
import { replaceFile } from '../../../src/report/replace-file.ts';
import { groupTrouble } from '../../../src/report-page/failures.ts';
import { foldersOf } from '../../../src/report-page/folders-of.ts';
import { PageTable } from '../../../src/report-page/page-table.ts';
import { timelineOf } from '../../../src/report-page/timeline-model.ts';
import { timeOf } from './many-pages.ts';

const RUN = '2026-01-01T00-00-00-000-abcd';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gather-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

interface RunFiles {
  readonly run: string;
  readonly part?: string;
  readonly failed?: string;
  readonly isKilled?: boolean;
}

/** What a run of two pages leaves, one of which failed. */
async function leaveRun(
  output: string,
  { run, part, failed = 'ch1/bad.png', isKilled = false }: RunFiles,
): Promise<void> {
  const folder = path.join(output, '.mgpu/runs', run);
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const at = (seconds: number, event: object): object => ({ ...event, time: timeOf(seconds) });
  const bad = {
    type: 'page-finished',
    page: failed,
    slot: 'gpu0-0',
    attempt: 1,
    outcome: 'failed',
    reason: 'error',
    message: 'token sk-1',
  };
  const good = {
    type: 'page-finished',
    page: 'ch1/good.png',
    slot: 'gpu0-0',
    attempt: 1,
    outcome: 'translated',
    seconds: 2,
    output: 'ch1/good.png',
  };
  const counts = { translated: 1, 'no-text': 0, untranslated: 0, failed: 1, skipped: 0, left: 1 };
  const events = [
    at(0, {
      type: 'run-started',
      v: 1,
      run,
      gpus: [{ index: 0, name: 'Tesla T4', memoryTotalBytes: 16e9 }],
      slots: ['gpu0-0'],
      strategy: 'dynamic',
      translator: 'worker.py',
      inputRoot: '/data/my #1 manga',
      machine: { host: 'here', cpus: 8, memoryBytes: 64e9, node: '22.0.0' },
      options: { gpus: 'auto' },
    }),
    at(0, { type: 'folders-found', folders: [{ folder: 'ch1', pages: 3, skipped: 0 }] }),
    at(0, { type: 'pages-found', pages: 3, skipped: 0 }),
    at(0, { type: 'pages-to-do', pages: ['ch1/good.png', 'ch1/bad.png', 'ch1/left.png'] }),
    at(1, { type: 'worker-started', slot: 'gpu0-0', gpu: 0, pid: 1 }),
    at(3, { type: 'worker-ready', slot: 'gpu0-0', loadSeconds: 2 }),
    at(3, { type: 'page-started', page: 'ch1/good.png', slot: 'gpu0-0', attempt: 1 }),
    at(5, good),
    at(5, { type: 'page-started', page: failed, slot: 'gpu0-0', attempt: 1 }),
    at(6, bad),
    at(6, { type: 'gpu-sampled', gpu: 0, utilisation: 0.5, memoryUsedBytes: 8e9 }),
    ...(isKilled
      ? []
      : [
          at(7, { type: 'pages-left', pages: ['ch1/left.png'] }),
          at(7, { type: 'run-finished', counts, seconds: 7, exitCode: 1, gpus: [] }),
        ]),
  ];
  await writeFile(path.join(folder, 'events.ndjson'), lines(...events));
  await writeFile(
    path.join(folder, 'logs/gpu0-0.log'),
    lines(
      { level: 'info', time: timeOf(4), slot: 'gpu0-0', stream: 'stdout', msg: 'of the good page' },
      { level: 'error', time: timeOf(5.5), slot: 'gpu0-0', stream: 'stderr', msg: 'it said sk-1' },
    ),
  );
  await writeFile(
    path.join(output, `.mgpu/ledger${part === undefined ? '' : `.${part}`}.ndjson`),
    lines(
      at(5, {
        ...good,
        source: null,
        options: 'x',
        output: { path: 'ch1/good.png', bytes: 1 },
        unchanged: true,
      }),
      at(6, { ...bad, source: null, options: 'x', output: null }),
    ),
  );
}

const gather = (output: string) =>
  gatherData({
    output,
    folder: path.join(output, '.mgpu/runs', RUN),
    nowMs: Date.parse(timeOf(100)),
    redact: (text) => text.replaceAll('sk-1', '[redacted]'),
  });

test('tells of a run: pages, log lines, links, slots, machine; without secrets', async () => {
  const output = await makeFolder();
  await leaveRun(output, { run: RUN });
  const { data, inputRoot } = await gather(output);
  const pages = new PageTable(data);
  expect(Array.from({ length: 3 }, (_, at) => [pages.id(at), pages.outcome(at), pages.output(at)])).toEqual([
    ['ch1/bad.png', 'failed', undefined],
    ['ch1/good.png', 'translated', 'ch1/good.png'],
    ['ch1/left.png', 'left', undefined],
  ]);
  expect(pages.isUnchanged(1)).toBe(true);
  expect(data.logs).toEqual({ 0: 'it said [redacted]' });
  expect(JSON.stringify(data)).not.toContain('sk-1');
  expect(inputRoot).toBe('/data/my #1 manga');
  expect(data.links.output).toBe('../../../');
  expect(data.links.input?.endsWith('/data/my%20%231%20manga/')).toBe(true);
  expect(data.report).toMatchObject({ state: 'finished', exitCode: 1, counts: { failed: 1, left: 1 } });
  expect(data.machines).toEqual([{ host: 'here', cpus: 8, memoryBytes: 64e9, node: '22.0.0' }]);
  expect(data.samples).toEqual([{ gpu: 0, at: [600], busy: [50], memory: [8000] }]);
  expect(timelineOf(data, pages).lanes[0]?.bars.map(({ kind, start, end }) => [kind, start, end])).toEqual([
    ['load', 1, 3],
    ['translated', 3, 5],
    ['failed', 5, 6],
  ]);
  expect(groupTrouble(pages, 'failed')).toEqual([
    { reason: 'error', count: 1, messages: [{ message: 'token [redacted]', pages: [0] }] },
  ]);
  expect(foldersOf(data, pages)).toMatchObject([
    { folder: 'ch1', pages: 3, done: 1, failed: 1, left: 1, complete: false },
  ]);
});

test('several parts are told together, each slot with its part', async () => {
  const output = await makeFolder();
  await leaveRun(output, { run: `${RUN}-part-1-of-2`, part: '1-of-2' });
  await leaveRun(output, { run: `${RUN}-part-2-of-2`, part: '2-of-2', failed: 'ch2/bad.png' });
  const { data } = await gather(output);
  expect(data.slots).toEqual([
    { slot: 'gpu0-0', gpu: 0, part: 1 },
    { slot: 'gpu0-0', gpu: 0, part: 2 },
  ]);
  const pages = new PageTable(data);
  expect([0, 1, 2].map((at) => [pages.id(at), pages.slot(at)])).toEqual([
    ['ch1/bad.png', 0],
    ['ch1/good.png', 1],
    ['ch1/left.png', -1],
  ]);
  expect(data.logs).toEqual({ 0: 'it said [redacted]', 3: 'it said [redacted]' });
});

test('a run that was killed calls no folder complete', async () => {
  const output = await makeFolder();
  await leaveRun(output, { run: RUN, isKilled: true });
  const { data } = await gather(output);
  expect(data.report.state).toBe('killed');
  expect(new PageTable(data).id(2)).toBe('ch1/left.png');
  expect(foldersOf(data, new PageTable(data)).map(({ complete }) => complete)).toEqual([false]);
});

test('a file is replaced once the new one is whole, and nothing else stays', async () => {
  const folder = await makeFolder();
  const file = path.join(folder, 'report.html');
  await writeFile(file, 'old');
  const torn = (async function* () {
    yield 'new';
    throw new Error('torn');
  })();
  await expect(replaceFile(file, torn)).rejects.toThrow('torn');
  expect(await readdir(folder)).toEqual(['report.html']);
  // Whoever may have put a file there before, what is written is a file of its own.
  const others = path.join(folder, 'others');
  await writeFile(others, 'kept');
  await link(others, `${file}.${process.pid}.part`);
  await replaceFile(file, Readable.from(['new']));
  expect([await readFile(file, 'utf8'), await readFile(others, 'utf8')]).toEqual(['new', 'kept']);
});
