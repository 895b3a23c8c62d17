import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Inspector } from '../../src/pages/inspector.ts';
import { LocalHost } from '../../src/workers/hosts/local/local-host.ts';
import type { ChildEnding } from '../../src/workers/one-shot-start.ts';
import { OneShotWorker } from '../../src/workers/one-shot-worker.ts';
import { StartsSeen } from '../../src/workers/starts-seen.ts';
import { TINY_PNG } from '../fixtures/trouble.ts';

const host = new LocalHost();
let root: string;
let seconds: Map<string, number | undefined>;
let lines: string[];
/** What recording an output waits for. */
let record: () => Promise<void>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'one-shot-'));
  for (const folder of ['in', 'out']) mkdirSync(join(root, folder));
  for (const page of ['a.png', 'b.png']) writeFileSync(join(root, 'in', page), TINY_PNG);
  execFileSync('mkfifo', [join(root, 'go'), join(root, 'never')]);
  seconds = new Map();
  lines = [];
  record = async () => {};
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => host.close());

/** What a child may be given: times, and the size of its pages where copies of them are to be known as such. */
interface Setup {
  readonly pageTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  readonly ending?: ChildEnding;
  readonly starts?: StartsSeen;
  readonly knowsCopies?: boolean;
  readonly isMisplacing?: () => Promise<boolean>;
}

function start(
  script: string,
  { pageTimeoutMs = 0, startTimeoutMs = 0, ending, starts, knowsCopies = false, isMisplacing }: Setup = {},
): OneShotWorker {
  return new OneShotWorker({
    channel: host.start(
      { id: 'cpu-0', gpu: null },
      {
        command: { file: '/bin/sh', args: ['-c', script], cwd: root, env: {} },
        env: { PATH: process.env.PATH ?? '' },
        takesLines: false,
      },
    ),
    pages: ['a.png', 'b.png'].map((id) => ({ id, path: join(root, 'in', id) })),
    sourceBytes: new Map(knowsCopies ? ['a.png', 'b.png'].map((page) => [page, TINY_PNG.length]) : []),
    inputFolder: join(root, 'in'),
    outputFolder: join(root, 'out'),
    names: { nameInBatch: (page) => page, format: undefined },
    inspector: new Inspector(),
    pageTimeoutMs,
    startTimeoutMs,
    ending,
    ...(starts && { starts }),
    ...(isMisplacing && { isMisplacing }),
    tell: {
      line: (_stream, text) => lines.push(text),
      pageStarted: () => {},
      output: async ({ page }, took) => {
        seconds.set(page, took);
        await record();
      },
    },
  });
}

/** A line of the child has come. */
const said = (line: string) => expect.poll(() => lines, { timeout: 10_000 }).toContain(line);
/** Lets a child go on that waits for it with `read _ < go`; nobody lets one go on that reads `never`. */
const goOn = () => writeFile(join(root, 'go'), '\n');

test('a page that is named before its work took from then on', async () => {
  await start('echo a.png; sleep 0.2; cp in/a.png out; echo b.png; sleep 0.2; cp in/b.png out').ended;
  expect(seconds.get('a.png')).toBeGreaterThan(0.1);
  expect(seconds.get('b.png')).toBeGreaterThan(0.1);
});

test('a page that is named after its work took from the output before it on', async () => {
  const script =
    'sleep 0.1; cp in/a.png out; sleep 0.1; echo saved a.png; sleep 0.2; cp in/b.png out; sleep 0.1';
  await start(`${script}; echo saved b.png`).ended;
  expect(seconds.get('a.png')).toBeUndefined();
  expect(seconds.get('b.png')).toBeGreaterThan(0.25);
});

test('a page timeout is on time although the output before it was slow to record', async () => {
  record = () => delay(300);
  const began = performance.now();
  const worker = start('cp in/a.png out; echo b.png; read _ < never', { pageTimeoutMs: 1000 });
  expect(await worker.ended).toMatchObject({ endedBy: 'page-timeout', finished: ['a.png'] });
  expect(performance.now() - began).toBeLessThan(4000);
});

test('a child that gives no sign in time is stopped', async () => {
  const worker = start('echo loading; read _ < never', { startTimeoutMs: 600 });
  expect(await worker.ended).toMatchObject({
    end: { by: 'signal', signal: 'SIGTERM' },
    endedBy: 'start-timeout',
    lastLines: ['loading'],
  });
});

test('where starts are known, a child that gives no sign has the time of a start and of its pages', async () => {
  const starts = new StartsSeen();
  await start('echo a.png; cp in/*.png out', { pageTimeoutMs: 400, starts }).ended;
  for (const page of ['a.png', 'b.png']) rmSync(join(root, 'out', page));
  const limits = { pageTimeoutMs: 400, startTimeoutMs: 60_000, starts };
  const worker = start('echo loading; read _ < never', limits);
  expect(await worker.ended).toMatchObject({ endedBy: 'page-timeout', lastLines: ['loading'] });
  const named = start('echo a.png; cp in/*.png out', { ...limits, pageTimeoutMs: 60_000 });
  expect(await named.ended).toMatchObject({ finished: expect.arrayContaining(['a.png', 'b.png']) });
});

test('a child that has ended takes no time, however long its outputs are recorded', async () => {
  const worker = start('cp in/a.png out; echo b.png; read _ < go', { pageTimeoutMs: 100 });
  record = async () => {
    await goOn();
    await expect.poll(() => isThere(worker.channel.id), { timeout: 10_000 }).toBe(false);
    await delay(150);
  };
  const ended = await worker.ended;
  expect(ended).toMatchObject({ end: { by: 'exit', code: 0 }, finished: ['a.png'] });
  expect(ended.endedBy).toBeUndefined();
});

test('a child that makes its pages elsewhere is ended; one whose images are among its outputs is not asked of', async () => {
  const isMisplacing = async (): Promise<boolean> => true;
  const elsewhere = start('read _ < never', { isMisplacing });
  expect(await elsewhere.ended).toMatchObject({ endedBy: 'misplaced', finished: [] });
  const asked = vi.fn(isMisplacing);
  const right = start('cp in/a.png out/a_tr.png; echo made; read _ < go', { isMisplacing: asked });
  await said('made');
  await goOn();
  expect((await right.ended).endedBy).toBeUndefined();
  expect(asked).not.toHaveBeenCalled();
});

test('a drained child that was on no page yet ends at once', async () => {
  const worker = start('echo loading; read _ < never');
  await said('loading');
  worker.drain();
  expect(await worker.ended).toMatchObject({ end: { signal: 'SIGTERM' }, endedBy: 'drain', finished: [] });
});

test('a drained child has the page that it is on, and no other', async () => {
  const worker = start('echo a.png; read _ < go; cp in/a.png out; echo b.png; read _ < never');
  await said('a.png');
  worker.drain();
  await goOn();
  expect(await worker.ended).toMatchObject({
    end: { by: 'signal', signal: 'SIGTERM' },
    endedBy: 'drain',
    finished: ['a.png'],
    named: ['a.png', 'b.png'],
  });
});

test('a drained child may end by itself', async () => {
  const worker = start('echo a.png; read _ < go; cp in/a.png out');
  await said('a.png');
  worker.drain();
  // The output and the end come at once: whichever is seen first, the page is whole.
  await goOn();
  expect((await worker.ended).finished).toEqual(['a.png']);
});

test('killing waits for nothing, neither for a page nor for a child that is deaf to the drain', async () => {
  const worker = start("trap '' TERM; echo a.png; read _ < never");
  await said('a.png');
  worker.drain();
  worker.kill();
  expect(await worker.ended).toMatchObject({
    end: { by: 'signal', signal: 'SIGKILL' },
    endedBy: 'kill',
    finished: [],
    named: ['a.png'],
  });
});

test('killing insists where a drained child takes its time to end, and it was the drain that ended it', async () => {
  const worker = start("trap 'echo asked' TERM; echo loading; while :; do read _ < never; done");
  await said('loading');
  worker.drain();
  await said('asked');
  worker.kill();
  expect(await worker.ended).toMatchObject({ end: { signal: 'SIGKILL' }, endedBy: 'drain' });
});

/** Apart by more than a tick of the file system's clock. */
const BOTH = 'cp in/a.png out; sleep 0.05; cp in/b.png out';

test('a child that made all its pages and hangs is stopped, and its pages have been taken before', async () => {
  const ending = { doneAfterMs: 300, endWithinMs: 500 };
  const worker = start(`${BOTH}; trap 'cat out/a.png; exit' TERM; read _ < never`, { ending });
  await expect.poll(() => [...seconds.keys()].sort(), { timeout: 10_000 }).toEqual(['a.png', 'b.png']);
  expect(isThere(worker.channel.id)).toBe(true);
  expect(await worker.ended).toMatchObject({ endedBy: 'done', finished: ['a.png', 'b.png'] });
});

test('a child that made all its pages may end by itself, and is not held to the page timeout any more', async () => {
  const ending = { doneAfterMs: 300, endWithinMs: 60_000 };
  const worker = start(`${BOTH}; read _ < go; sleep 1; echo '{}' > out/report.json`, {
    ending,
    pageTimeoutMs: 900,
  });
  await expect.poll(() => seconds.size, { timeout: 10_000 }).toBe(2);
  await goOn();
  const ended = await worker.ended;
  expect(ended).toMatchObject({
    end: { by: 'exit', code: 0 },
    others: expect.arrayContaining(['report.json']),
  });
  expect(ended.endedBy).toBeUndefined();
});

test.each([
  ['a page is missing', 'cp in/a.png out', {}],
  ['an output is cut', `${BOTH}; head -c 40 in/b.png > out/b.png`, {}],
  ['all are copies, which it may be about to translate', BOTH, { knowsCopies: true }],
])('a silent child is not done while %s', async (_, script, setup) => {
  const ending = { doneAfterMs: 100, endWithinMs: 0 };
  const worker = start(`${script}; read _ < never`, { ending, pageTimeoutMs: 1500, ...setup });
  expect(await worker.ended).toMatchObject({ endedBy: 'page-timeout' });
});

test('a child that writes its outputs again, or names pages, is at work', async () => {
  const ending = { doneAfterMs: 800, endWithinMs: 0 };
  const again = 'for n in 1 2 3 4 5; do sleep 0.3; cp in/b.png out; done';
  const naming = 'for n in 1 2 3 4 5; do sleep 0.3; echo b.png; done';
  const ended = await start(`${BOTH}; ${again}; ${naming}`, { ending }).ended;
  expect(ended).toMatchObject({ end: { by: 'exit', code: 0 } });
  expect(ended.endedBy).toBeUndefined();
});

test('a child that is done is not waited for where the run stops', async () => {
  const worker = start(`${BOTH}; read _ < never`, { ending: { doneAfterMs: 200, endWithinMs: 60_000 } });
  await expect.poll(() => seconds.size, { timeout: 10_000 }).toBe(2);
  worker.drain();
  expect(await worker.ended).toMatchObject({ endedBy: 'drain', finished: ['a.png', 'b.png'] });
});

function isThere(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
