import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { definedOnly } from '../../src/model/defined-only.ts';
import type { Slot } from '../../src/model/slot.ts';
import { LocalHost } from '../../src/workers/hosts/local/local-host.ts';
import type { WarmStart } from '../../src/workers/warm-start.ts';
import { WarmWorker } from '../../src/workers/warm-worker.ts';
import { TINY_PNG } from '../fixtures/trouble.ts';

const FAKE = fileURLToPath(new URL('../fixtures/fake_worker.py', import.meta.url));
const PYTHON = process.env.MGPU_TEST_PYTHON ?? 'python3';
const GONE = { by: 'handed-back' };

const SLOT: Slot = { id: 'cpu-0', gpu: null };
const host = new LocalHost();
let root: string;
let told: string[];
const started: WarmWorker[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'warm-'));
  writeFileSync(join(root, 'page.png'), TINY_PNG);
  told = [];
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.kill()));
  rmSync(root, { recursive: true, force: true });
});
afterAll(() => host.close());

function start(env: Record<string, string> = {}, limits: Partial<WarmStart> = {}): WarmWorker {
  const worker = new WarmWorker({
    channel: host.start(SLOT, {
      command: { file: PYTHON, args: ['-S', '-E', FAKE], cwd: root, env: {} },
      env: { ...definedOnly(process.env), ...env },
      takesLines: true,
    }),
    pageTimeoutMs: 10_000,
    startTimeoutMs: 10_000,
    tell: {
      line: (stream, text) => told.push(`${stream}: ${text}`),
      pageStarted: (page) => told.push(`started ${page}`),
      stage: (page, stage) => told.push(`${page}: ${stage}`),
    },
    ...limits,
  });
  started.push(worker);
  return worker;
}

async function startReady(
  env: Record<string, string> = {},
  limits: Partial<WarmStart> = {},
): Promise<WarmWorker> {
  const worker = start(env, limits);
  expect(await worker.ready).toMatchObject({ by: 'ready' });
  return worker;
}

const page = (id: string) => ({
  id,
  input: join(root, 'page.png'),
  output: join(root, 'out', id),
  group: '',
});

test('says what it loaded, takes page after page, and ends when it is told', async () => {
  const worker = start();
  expect(await worker.ready).toMatchObject({ by: 'ready', translator: 'fake', version: '1', device: 'cpu' });
  expect(await worker.translate(page('ch 1/a.png'))).toMatchObject({ by: 'done', outcome: 'translated' });
  expect(readFileSync(join(root, 'out/ch 1/a.png'))).toEqual(TINY_PNG);
  expect(await worker.translate(page('no-text.png'))).toMatchObject({ by: 'done', outcome: 'no-text' });
  expect(await worker.finish()).toEqual({ end: { by: 'exit', code: 0 }, wasReady: true, pages: 2 });
  expect(await worker.translate(page('later.png'))).toMatchObject(GONE);
});

test('tells all that a worker says of a page', async () => {
  const worker = await startReady();
  expect(await worker.translate(page('stages.png'))).toEqual({
    by: 'done',
    outcome: 'translated',
    seconds: 0.125,
    stages: { detection: 0.04, ocr: 0.06 },
    peakMemoryBytes: 5_100_000_000,
    // A worker that is started without a redactor keeps what it says.
    notes: ['two balloons are small', '--api-key 9a8b7c6d5e'],
  });
  expect(told).toEqual(expect.arrayContaining(['stages.png: detection', 'stages.png: ocr']));
  expect(await worker.translate(page('null-output.png'))).toMatchObject({
    outcome: 'no-text',
    output: null,
    seconds: expect.any(Number),
  });
});

test.each([
  ['oom', 'oom', /Tried to allocate 13.42 GiB/],
  ['unreadable', 'unreadable', /too much/],
  ['error', 'error', /too much/],
  ['error-mute', 'error', /no reason/],
])('a page that fails (%s) costs the worker nothing', async (fault, reason, message) => {
  const worker = await startReady();
  expect(await worker.translate(page(`${fault}.png`))).toMatchObject({
    by: 'failed',
    reason,
    message: expect.stringMatching(message),
  });
  expect(await worker.translate(page('next.png'))).toMatchObject({ by: 'done' });
});

test('a page sent ahead is begun by the worker itself, and told as started when its turn comes', async () => {
  const worker = await startReady();
  const answers = [worker.translate(page('a.png')), worker.translate(page('b.png'))];
  expect(worker.takesPages).toBe(false);
  expect(() => worker.translate(page('c.png'))).toThrow('no room');
  expect(told.filter((line) => line.startsWith('started'))).toEqual(['started a.png']);
  expect(await Promise.all(answers)).toMatchObject([{ by: 'done' }, { by: 'done' }]);
  expect(told.filter((line) => line.startsWith('started'))).toEqual(['started a.png', 'started b.png']);
  expect(worker.takesPages).toBe(true);
});

test.each(['noise', 'flood', 'flood-long', 'half', 'late-stage'])(
  '%s on stdout costs nothing',
  async (fault) => {
    const worker = await startReady({ FAKE_READY: 'noise', FAKE_FLOOD_BYTES: '3000000' });
    expect(await worker.translate(page(`${fault}.png`))).toMatchObject({ by: 'done' });
    expect(await worker.translate(page('next.png'))).toMatchObject({ by: 'done' });
    expect(told).toContain('stdout: === a banner from native code ===');
    if (fault === 'noise')
      expect(told).toEqual(expect.arrayContaining(['stdout: {"type":"hello"}', 'stdout: "done"']));
    if (fault === 'flood-long')
      expect(told).toContainEqual(expect.stringMatching(/^stdout: x{200}… \[a line of 3000000 bytes]$/));
  },
);

test.each([
  ['unknown', /"nobody.png", which is not the page at work/],
  ['wrong', /"done" line with a wrong "outcome"/],
  ['wrong-type', /wrong "seconds"/],
  ['ready-again', /"ready" twice/],
  ['close-stdout', /closed its stdout without exiting/],
])(
  'a breach of the protocol (%s) costs the page at work, and the one ahead goes back',
  async (fault, message) => {
    const worker = await startReady({}, { graceMs: 100 });
    const answers = [worker.translate(page(`${fault}.png`)), worker.translate(page('ahead.png'))];
    expect(await Promise.all(answers)).toMatchObject([
      {
        by: 'lost',
        reason: 'error',
        message: expect.stringMatching(message),
        end: { by: 'signal', signal: 'SIGTERM' },
      },
      GONE,
    ]);
    expect(await worker.ended).toMatchObject({ wasReady: true, pages: 0, loss: { reason: 'error' } });
  },
);

test.each(['twice', 'late'])('a second answer (%s) costs the page that is at work then', async (fault) => {
  const worker = await startReady();
  const first = worker.translate(page(`${fault}.png`));
  const second = worker.translate(page('hang.png'));
  expect(await first).toMatchObject({ by: 'done' });
  expect(await second).toMatchObject({
    by: 'lost',
    reason: 'error',
    message: expect.stringMatching(`answered "${fault}.png" twice`),
  });
});

test('a second answer while nothing is at work costs no page', async () => {
  const worker = await startReady();
  expect(await worker.translate(page('twice.png'))).toMatchObject({ by: 'done' });
  expect(await worker.ended).toMatchObject({ pages: 1, loss: { reason: 'error' } });
  expect(await worker.translate(page('next.png'))).toMatchObject(GONE);
});

test('an answer out of turn costs the page that was passed over', async () => {
  const worker = await startReady();
  const answers = [worker.translate(page('ahead.png')), worker.translate(page('b.png'))];
  expect(await Promise.all(answers)).toMatchObject([{ by: 'lost', reason: 'error' }, GONE]);
});

test.each([
  ['crash', 'crash', 'SIGSEGV'],
  ['killed', 'crash', 'SIGKILL'],
  ['exit0', 'crash', 'exit code 0'],
  ['exit1', 'crash', 'exit code 1: ValueError: this page is too much for me'],
  ['die-oom', 'oom', /^torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 13.42 GiB/],
])('a worker that ends within a page (%s) costs that page alone', async (fault, reason, message) => {
  const worker = await startReady();
  expect(await worker.translate(page('good.png'))).toMatchObject({ by: 'done' });
  const answers = [worker.translate(page(`${fault}.png`)), worker.translate(page('ahead.png'))];
  expect(await Promise.all(answers)).toMatchObject([
    { by: 'lost', reason, message: expect.stringMatching(message) },
    GONE,
  ]);
  expect(await worker.ended).toMatchObject({ pages: 1 });
});

test('a worker that ends between pages costs none', async () => {
  const worker = await startReady();
  expect(await worker.translate(page('after-exit.png'))).toMatchObject({ by: 'done' });
  expect(await worker.ended).toMatchObject({
    end: { by: 'exit', code: 0 },
    pages: 1,
    loss: { reason: 'crash' },
  });
});

test.each([
  [
    'die',
    {
      reason: 'crash',
      message: expect.stringMatching(/^exit code 1: RuntimeError: CUDA error: no kernel image/),
    },
  ],
  ['die-oom', { reason: 'oom' }],
  ['wrong', { reason: 'error', message: expect.stringContaining('wrong "loadSeconds"') }],
  [
    'protocol-2',
    { reason: 'error', otherProtocol: 2, message: expect.stringContaining('fake uses worker protocol 2') },
  ],
  ['done-first', { reason: 'error' }],
  ['close-stdout', { reason: 'error', message: 'it closed its stdout without exiting' }],
  [
    'never',
    // A machine under load has not come to its first line by then.
    { reason: 'timeout', message: expect.stringMatching(/^not ready within 0.4 s/) },
  ],
])('a worker that is lost before it is ready (%s) costs no page', async (how, loss) => {
  const worker = start(
    { FAKE_READY: how },
    { graceMs: 100, ...(how === 'never' && { startTimeoutMs: 400 }) },
  );
  expect(await worker.ready).toMatchObject({ by: 'lost', ...loss });
  expect(await worker.ended).toMatchObject({ wasReady: false, pages: 0 });
});

test('a program that is not there is lost before it is ready', async () => {
  const command = { file: join(root, 'nothing'), args: [], cwd: root, env: {} };
  const worker = start({}, { channel: host.start(SLOT, { command, env: {}, takesLines: true }) });
  expect(await worker.ready).toMatchObject({ by: 'lost', reason: 'crash', end: { by: 'no-start' } });
});

test.each([
  ['hang', {}, 'SIGTERM'],
  ['deaf', {}, 'SIGKILL'],
  ['unread', { FAKE_STOPS_READING: '1' }, 'SIGTERM'],
])('a page without an answer in time costs itself and the worker: %s', async (fault, env, signal) => {
  const worker = await startReady(env, { pageTimeoutMs: 300, graceMs: 100 });
  const long = { ...page(`${fault}.png`), group: 'g'.repeat(1_000_000) };
  const answers = [worker.translate(long), worker.translate({ ...long, id: 'ahead.png' })];
  expect(await Promise.all(answers)).toMatchObject([
    {
      by: 'lost',
      reason: 'timeout',
      message: expect.stringContaining('no response for 0.3 s'),
      end: { signal },
    },
    GONE,
  ]);
});

test('the time of a page sent ahead begins when the page before it is answered', async () => {
  const plan = JSON.stringify({ '*': { fault: 'slow', seconds: 0.5 } });
  const worker = await startReady({ FAKE_PLAN: plan }, { pageTimeoutMs: 800 });
  const answers = await Promise.all(['a.png', 'b.png'].map((id) => worker.translate(page(id))));
  expect(answers).toMatchObject([{ by: 'done' }, { by: 'done' }]);
});

test('an idle worker has no time limit', async () => {
  const [idle, busy] = await Promise.all([0, 1].map(() => startReady({}, { pageTimeoutMs: 100 })));
  expect(await busy?.translate(page('hang.png'))).toMatchObject({ reason: 'timeout' });
  expect(await idle?.translate(page('a.png'))).toMatchObject({ by: 'done' });
});

test('a worker that closed its stdin and stays is renewed', async () => {
  const worker = await startReady({}, { graceMs: 100 });
  expect(await worker.translate(page('close-stdin.png'))).toMatchObject({ by: 'done' });
  expect(await worker.translate(page('next.png'))).toMatchObject({ by: 'lost' });
  expect(await worker.ended).toMatchObject({
    loss: { reason: 'error', message: 'it closed its stdin without exiting' },
  });
});

test('finishing lets the pages in flight be done', async () => {
  const worker = await startReady({ FAKE_PAGE_SECONDS: '0.2' }, { graceMs: 5000 });
  const answers = [worker.translate(page('a.png')), worker.translate(page('b.png'))];
  const ended = worker.finish();
  expect(await Promise.all(answers)).toMatchObject([{ by: 'done' }, { by: 'done' }]);
  expect(await ended).toEqual({ end: { by: 'exit', code: 0 }, wasReady: true, pages: 2 });
});

test.each([
  ['stays after the end of its stdin', { FAKE_IGNORES_END: '1' }, true],
  ['is still loading', { FAKE_LOAD_SECONDS: '60' }, false],
])('finishing ends a worker that %s', async (_, env, ready) => {
  const worker = ready ? await startReady(env, { graceMs: 100 }) : start(env, { graceMs: 100 });
  expect(await worker.finish()).toEqual({
    end: { by: 'signal', signal: 'SIGTERM' },
    wasReady: ready,
    pages: 0,
  });
  expect((await worker.ready).by).toBe(ready ? 'ready' : 'stopped');
});

test('a worker gets no longer to end than a page may take', async () => {
  const limits = { graceMs: 3_600_000, pageTimeoutMs: 200 };
  const worker = await startReady({ FAKE_IGNORES_END: '1' }, limits);
  expect((await worker.finish()).end).toEqual({ by: 'signal', signal: 'SIGTERM' });
});

test('killing ends it at once and hands both pages back', async () => {
  const worker = await startReady();
  const answers = [worker.translate(page('deaf.png')), worker.translate(page('b.png'))];
  expect(await worker.kill()).toMatchObject({ end: { by: 'signal', signal: 'SIGKILL' } });
  expect(await Promise.all(answers)).toMatchObject([GONE, GONE]);
});

test('killing does not wait until a worker that is being ended has had its grace', async () => {
  const worker = start({ FAKE_READY: 'deaf' }, { graceMs: 3_600_000 });
  await expect.poll(() => told).toContain('stderr: [fake] Deaf');
  void worker.finish();
  expect(await worker.kill()).toMatchObject({ end: { by: 'signal', signal: 'SIGKILL' } });
});

test('names that users did not choose arrive as they are', async () => {
  const worker = await startReady();
  const id = 'new\nline/ "漫画" 🎌\u2028 it\'s.png';
  copyFileSync(join(root, 'page.png'), join(root, 'with\n "漫".png'));
  const answer = worker.translate({ ...page(id), input: join(root, 'with\n "漫".png') });
  expect(await answer).toMatchObject({ by: 'done' });
  expect(existsSync(join(root, 'out', id))).toBe(true);
});
