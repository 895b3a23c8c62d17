import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type WorkerLine, WorkerLog } from '../../src/report/worker-log.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'worker-log-'));
const line = (text: string): WorkerLine => ({ stream: 'stderr', text, level: 'info' });
const fail = (error: Error): void => {
  throw error;
};
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function messagesIn(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each).msg as string);
}

test('a line is one JSON line with level, stream and slot', async () => {
  const at = await folder();
  const log = new WorkerLog({ folder: join(at, 'logs'), slot: 'gpu0-0', onError: fail });
  log.write({ stream: 'stdout', text: '100 %s "漫画"\u001b', level: 'warn' });
  await log.close();
  const [first] = (await readFile(join(at, 'logs', 'gpu0-0.log'), 'utf8')).split('\n');
  expect(JSON.parse(first ?? '')).toMatchObject({
    level: 'warn',
    slot: 'gpu0-0',
    stream: 'stdout',
    msg: '100 %s "漫画"\u001b',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});

test('of what grows without end head and tail are kept, and what is gone is counted', async () => {
  const at = await folder();
  const limits = { headBytes: 10_000, segmentBytes: 5_000, backlogBytes: 1_000_000 };
  const log = new WorkerLog({ folder: at, slot: 'gpu0-0', onError: fail, limits });
  // However the lines come together on their way to the disk: one by one, and all at once.
  for (let n = 0; n < 2000; n += 1) {
    log.write(line(`line ${n}`));
    if (n % 5 === 0 && n < 1000) await breathe();
  }
  await log.close();
  const messages = await messagesIn(join(at, 'gpu0-0.log'));
  const gap = messages.findIndex((message) => message.includes('left out'));
  const head = messages.slice(0, gap);
  const tail = messages.slice(gap + 1);
  const gone = Number(/^\d+/.exec(messages[gap] ?? '')?.[0]);
  expect(head).toEqual(head.map((_, n) => `line ${n}`));
  expect(tail).toEqual(tail.map((_, n) => `line ${2000 - tail.length + n}`));
  expect(head.length + tail.length + gone).toBe(2000);
  expect(Math.min(head.length, tail.length)).toBeGreaterThan(10);
  expect(await readdir(at)).toEqual(['gpu0-0.log']);
});

test('a flood that the disk cannot take is dropped and counted, not kept in memory', async () => {
  const at = await folder();
  const limits = { headBytes: 1e9, segmentBytes: 1e9, backlogBytes: 10_000 };
  const log = new WorkerLog({ folder: at, slot: 'gpu0-0', onError: fail, limits });
  for (let n = 0; n < 5000; n += 1) log.write(line(`line ${n}`));
  await log.close();
  const messages = await messagesIn(join(at, 'gpu0-0.log'));
  const gone = Number(/^\d+/.exec(messages.at(-1) ?? '')?.[0]);
  expect(messages.length).toBeLessThan(200);
  expect(messages.length - 1 + gone).toBe(5000);
});

test('a disk that takes nothing is told of once, and writing goes on without an effect', async () => {
  const errors: Error[] = [];
  const log = new WorkerLog({
    folder: '/dev/null/logs',
    slot: 'gpu0-0',
    onError: (error) => errors.push(error),
  });
  for (let n = 0; n < 10; n += 1) {
    log.write(line('lost'));
    await breathe();
  }
  await log.close();
  expect(errors).toHaveLength(1);
});

test('a disk that fails on the way is told of once, and what it took before is there', async () => {
  const at = await folder();
  // The second file of the log can't be opened.
  await mkdir(join(at, 'gpu0-0.log.tail-0'));
  const errors: Error[] = [];
  const limits = { headBytes: 1_000, segmentBytes: 1_000, backlogBytes: 1_000_000 };
  const log = new WorkerLog({ folder: at, slot: 'gpu0-0', limits, onError: (error) => errors.push(error) });
  for (let n = 0; n < 100; n += 1) {
    log.write(line(`line ${n}`));
    await breathe();
  }
  await log.close();
  expect(errors).toHaveLength(1);
  const messages = await messagesIn(join(at, 'gpu0-0.log'));
  expect(messages.length).toBeGreaterThan(5);
  expect(messages).toEqual(messages.map((_, n) => `line ${n}`));
});
