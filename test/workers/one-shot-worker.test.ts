import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { Guard } from '../../src/workers/guard.ts';
import { OneShotWorker } from '../../src/workers/one-shot-worker.ts';
import { TINY_PNG } from '../fixtures/trouble.ts';

const guard = new Guard();
let root: string;
let seconds: Map<string, number | undefined>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'one-shot-'));
  for (const folder of ['in', 'out']) mkdirSync(join(root, folder));
  for (const page of ['a.png', 'b.png']) writeFileSync(join(root, 'in', page), TINY_PNG);
  seconds = new Map();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => guard.close());

function start(script: string, { pageTimeoutMs = 0, recordingMs = 0 } = {}): OneShotWorker {
  return new OneShotWorker({
    command: { file: '/bin/sh', args: ['-c', script], cwd: root, env: {} },
    pages: ['a.png', 'b.png'].map((id) => ({ id, path: join(root, 'in', id) })),
    sourceBytes: new Map(),
    inputFolder: join(root, 'in'),
    outputFolder: join(root, 'out'),
    names: { nameInBatch: (page) => page, format: undefined },
    env: { PATH: process.env.PATH ?? '' },
    guard,
    pageTimeoutMs,
    startTimeoutMs: 0,
    tell: {
      line: () => {},
      pageStarted: () => {},
      output: async ({ page }, took) => {
        seconds.set(page, took);
        await delay(recordingMs);
      },
    },
  });
}

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
  const began = performance.now();
  const worker = start('cp in/a.png out; echo b.png; exec sleep 30', {
    pageTimeoutMs: 1000,
    recordingMs: 300,
  });
  expect(await worker.ended).toMatchObject({ endedBy: 'page-timeout', finished: ['a.png'] });
  expect(performance.now() - began).toBeLessThan(4000);
});
