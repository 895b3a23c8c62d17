import { expect, onTestFinished, test, vi } from 'vitest';
import type { Slot } from '../../../../src/model/slot.ts';
import { RayHost } from '../../../../src/workers/hosts/ray/ray-host.ts';
import type { WarmStart } from '../../../../src/workers/warm-start.ts';
import { WarmWorker } from '../../../../src/workers/warm-worker.ts';
import { ScriptedDriver, settle } from '../../../fixtures/scripted-driver.ts';

const SLOT: Slot = { id: 'node1-gpu0-0', gpu: { index: 0, node: 'node1', vendor: 'nvidia', visibleAs: '0' } };
const READY = { type: 'ready', protocol: 1, translator: 't', version: '1', device: 'cuda:0', loadSeconds: 0 };
const page = (id: string) => ({
  id,
  input: `/in/${id}`,
  output: `/work/0/${id}`,
  group: '',
});

function workerOn(scripted: ScriptedDriver, limits: Partial<WarmStart> = {}) {
  const host = new RayHost(
    scripted.driver,
    { reservationOf: () => 'g1', machines: new Map() },
    { 'worker.py': 'cHJpbnQ=' },
  );
  const said: string[] = [];
  const channel = host.start(SLOT, {
    command: {
      file: 'python3',
      args: ['{files}/worker.py'],
      cwd: '',
      env: { PYTHONPATH: '{files}' },
      placed: [0, 1],
    },
    env: { MGPU_SLOT: SLOT.id },
    takesLines: true,
  });
  const worker = new WarmWorker({
    channel,
    pageTimeoutMs: 0,
    startTimeoutMs: 0,
    tell: { line: (stream, text) => said.push(`${stream} ${text}`), pageStarted: () => {}, stage: () => {} },
    ...limits,
  });
  const [slot = ''] = scripted.of('start').map((one) => one.slot);
  const lines = (...out: object[]): void =>
    scripted.say({ type: 'lines', slot, out: out.map((one) => JSON.stringify(one)), err: [] });
  const beReady = async (): Promise<void> => {
    scripted.say({ type: 'started', slot, pid: 77 });
    lines(READY);
    await worker.ready;
  };
  return { worker, channel, slot, said, lines, beReady };
}

test('a worker is started with what travels to it, and speaks through the driver', async () => {
  const scripted = new ScriptedDriver();
  const { worker, channel, slot, said, lines, beReady } = workerOn(scripted);
  expect(scripted.of('start')).toMatchObject([
    {
      gpu: 'g1',
      launch: {
        argv: ['python3', '{files}/worker.py'],
        placed: [0, 1],
        cwd: null,
        env: { PYTHONPATH: '{files}', MGPU_SLOT: SLOT.id },
        files: { 'worker.py': 'cHJpbnQ=' },
        device: true,
      },
    },
  ]);
  expect(channel.id).toBeUndefined();
  await beReady();
  expect(channel.id).toBe(77);
  const answers = [worker.translate(page('a.png')), worker.translate(page('b.png'))];
  scripted.say({ type: 'lines', slot, out: ['noise'], err: ['a line', 'ünïcode'] });
  lines({ type: 'done', id: 'a.png', outcome: 'translated' });
  lines({ type: 'failed', id: 'b.png', reason: 'oom', message: 'short' });
  expect(await Promise.all(answers)).toMatchObject([{ by: 'done' }, { by: 'failed', reason: 'oom' }]);
  expect(said).toEqual(['stdout noise', 'stderr a line', 'stderr ünïcode']);
  // The bytes of the second page go before the first one is done.
  expect(scripted.told.slice(1)).toMatchObject([
    { type: 'file', id: '1', source: '/in/a.png', name: 'a.png' },
    { type: 'line', id: '1', output: '/work/0/a.png' },
    { type: 'file', id: '2', source: '/in/b.png' },
    { type: 'line', id: '2' },
  ]);
  const ended = worker.finish();
  expect(scripted.told.at(-1)).toEqual({ type: 'eof', slot });
  scripted.say({ type: 'exit', slot, by: 'exit', code: 0 });
  expect(await ended).toMatchObject({ end: { by: 'exit', code: 0 }, pages: 2 });
});

test('a page that is held has its bytes brought once', async () => {
  const scripted = new ScriptedDriver();
  const { worker, beReady } = workerOn(scripted);
  await beReady();
  worker.channel.bring(page('a.png'));
  worker.channel.bring(page('a.png'));
  void worker.translate(page('a.png'));
  expect(scripted.told.slice(1).map(({ type }) => type)).toEqual(['file', 'line']);
});

test('a page that was held and went elsewhere is forgotten there, and brought anew where it comes back', async () => {
  const scripted = new ScriptedDriver();
  const { worker, beReady } = workerOn(scripted);
  await beReady();
  worker.channel.bring(page('a.png'));
  worker.channel.bring(page('b.png'));
  void worker.translate(page('a.png'));
  void worker.translate({ ...page('b.png'), input: '/staged/b.png' });
  const told = scripted.told
    .slice(1)
    .map((one) => [one.type, 'id' in one ? one.id : '', 'source' in one ? one.source : '']);
  expect(told).toEqual([
    ['file', '1', '/in/a.png'],
    ['forget', '1', ''],
    ['file', '2', '/in/b.png'],
    ['forget', '2', ''],
    ['file', '3', '/in/a.png'],
    ['line', '3', ''],
    ['file', '4', '/staged/b.png'],
    ['line', '4', ''],
  ]);
});

test('a file that failed to travel while its page was held is brought again when it is its turn', async () => {
  const scripted = new ScriptedDriver();
  const { worker, slot, lines, beReady } = workerOn(scripted);
  await beReady();
  worker.channel.bring(page('a.png'));
  scripted.say({ type: 'file-failed', slot, id: '1', where: 'launcher', message: 'EIO', errno: 'EIO' });
  const answer = worker.translate(page('a.png'));
  expect(scripted.told.slice(1)).toMatchObject([
    { type: 'file', id: '1' },
    { type: 'file', id: '2' },
    { type: 'line', id: '2' },
  ]);
  lines({ type: 'done', id: 'a.png', outcome: 'translated' });
  expect(await answer).toMatchObject({ by: 'done' });
});

test.each([
  [
    'a disk here that is full',
    { type: 'output-failed', message: 'OSError', errno: 'ENOSPC' },
    'its output could not be fetched: OSError: No space left on device',
  ],
  [
    'a disk there that is full is not one here',
    { type: 'file-failed', where: 'node', message: 'No space left on device', errno: 'ENOSPC' },
    'its file could not be brought to its worker: the disk of that node is full',
  ],
  [
    'a page that is gone',
    { type: 'file-failed', where: 'launcher', message: 'a.png: no such file', errno: 'ENOENT' },
    'its file could not be brought to its worker: a.png: no such file',
  ],
])('%s: the page failed with these words, whatever its worker says', async (_, event, message) => {
  const scripted = new ScriptedDriver();
  const { worker, slot, lines, beReady } = workerOn(scripted);
  await beReady();
  const answer = worker.translate(page('a.png'));
  scripted.say({ slot, id: '1', ...event });
  lines({ type: 'done', id: 'a.png', outcome: 'translated' });
  expect(await answer).toMatchObject({ by: 'failed', reason: 'error', message });
  const next = worker.translate(page('b.png'));
  lines({ type: 'done', id: 'b.png', outcome: 'translated' });
  expect(await next).toMatchObject({ by: 'done' });
});

test('a program that is not on the node is a start that failed, with its words', async () => {
  const scripted = new ScriptedDriver();
  const { worker, slot } = workerOn(scripted);
  scripted.say({ type: 'not-started', slot, message: 'python3: not found on this node' });
  expect(await worker.ready).toMatchObject({
    by: 'lost',
    end: { by: 'exit', code: 127 },
    message: expect.stringContaining('python3: not found on this node'),
  });
});

test.each([
  ['node', true],
  ['lease', true],
  ['actor', false],
])(
  'whatever held the GPU is lost (%s): so is the worker, and the page ahead goes back',
  async (why, isBlameless) => {
    const scripted = new ScriptedDriver();
    const { worker, beReady } = workerOn(scripted);
    await beReady();
    const answers = [worker.translate(page('a.png')), worker.translate(page('b.png'))];
    scripted.say({ type: 'lost', gpu: 'g2', why, message: 'another one' });
    scripted.say({ type: 'lost', gpu: 'g1', why, message: 'it is gone' });
    expect(await Promise.all(answers)).toMatchObject([
      { by: 'lost', reason: 'crash', end: { by: 'gone', isBlameless } },
      { by: 'handed-back' },
    ]);
  },
);

test('the time to start counts from the worker’s start, not from when it was asked for', async () => {
  const scripted = new ScriptedDriver();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { worker, slot, channel } = workerOn(scripted, { startTimeoutMs: 50_000, graceMs: 10 });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(scripted.of('signal')).toEqual([]);
  scripted.onCommand = ({ type }) => {
    if (type === 'signal') scripted.say({ type: 'exit', slot, by: 'signal', signal: 'SIGTERM' });
  };
  scripted.say({ type: 'started', slot, pid: 5 });
  await channel.started;
  await vi.advanceTimersByTimeAsync(49_000);
  expect(scripted.of('signal')).toEqual([]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await worker.ready).toMatchObject({ by: 'lost', reason: 'timeout' });
  await settle();
  expect(scripted.of('signal')[0]).toEqual({ type: 'signal', slot, signal: 'SIGTERM' });
});

test('what a worker holds is asked of its node', async () => {
  const scripted = new ScriptedDriver();
  const { channel, beReady, slot } = workerOn(scripted);
  await beReady();
  scripted.onCommand = (command) => {
    if (command.type !== 'memory') return;
    scripted.say({ type: 'memory', slot, seq: command.seq, bytes: 5, peakBytes: 7, deviceBytes: 9 });
  };
  expect(await channel.memory()).toEqual({ now: 5, peak: 7 });
  expect(await channel.deviceMemory()).toBe(9);
  scripted.onCommand = () => {};
  const asked = channel.memory();
  scripted.die('SIGKILL');
  expect(await asked).toBeUndefined();
});
