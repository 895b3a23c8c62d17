import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Dispatcher } from '../../../src/dispatch/dispatcher.ts';
import { LoadGate } from '../../../src/dispatch/load-gate.ts';
import type { Happening } from '../../../src/model/events.ts';
import type { Page } from '../../../src/model/page.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { Stop } from '../../../src/model/stop.ts';
import type { ProbeJob } from '../../../src/pages/inspector.ts';
import { learningCards } from '../../../src/run/learning-cards.ts';
import type { WarmContext } from '../../../src/run/slots/warm-context.ts';
import { runWarmSlot } from '../../../src/run/slots/warm-slot.ts';
import type { StagedPage } from '../../../src/run/staging/staged-page.ts';
import { Costs } from '../../../src/schedule/costs.ts';
import { DynamicSchedule } from '../../../src/schedule/dynamic.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { WorkerMemory } from '../../../src/workers/worker-memory.ts';
import { ScriptedHost } from '../../fixtures/scripted-host.ts';

const SLOT: Slot = { id: 'any name', gpu: { index: 3, vendor: 'nvidia', visibleAs: '3' } };
const PAGES = Array.from({ length: 4 }, (_, at) => ({ id: `${at + 1}.png`, path: `/in/${at + 1}.png` }));
const idIn = (line: string): string => JSON.parse(line).id;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'warm-slot-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A slot's world without a process or a page's file. */
function slotWith(
  host: ScriptedHost,
  options: Partial<WarmContext['options']> = {},
  context: Partial<Record<keyof WarmContext, unknown>> = {},
) {
  const costs = new Costs();
  const schedule = new DynamicSchedule({ slots: [SLOT], costs });
  schedule.add(PAGES);
  schedule.close();
  const gate = new LoadGate({ needsFirst: false, inTurnOnDevice: true });
  const stop = new Stop();
  const dispatcher = new Dispatcher({
    schedule,
    slots: [SLOT],
    takes: 'page',
    retries: 2,
    gate,
    stop: stop.drain,
  });
  const told: Happening[] = [];
  const finished: string[] = [];
  const found = { ok: true, source: {}, size: { width: 10, height: 10 } };
  const run = {
    options: { pageTimeoutMs: 0, startTimeoutMs: 0, ...options },
    workRoot: root,
    dispatcher,
    gate,
    host,
    stop,
    costs,
    cards: learningCards({ pixelsOf: () => undefined, known: new Map(), limitBytes: undefined }),
    memory: new WorkerMemory(() => undefined),
    links: new LinkMode({ copies: false }),
    environmentOf: () => ({}),
    commandOf: () => ({ file: 'worker', args: [], cwd: '/', env: {} }),
    emit: (happening: Happening) => told.push(happening),
    onStart: () => {},
    redact: (text: string) => text,
    groupOf: () => '',
    spending: { paid: () => {} },
    unseen: { worked: () => {}, heard: () => {} },
    fail: (error: unknown) => {
      throw error;
    },
    translator: {
      command: () => ({ file: 'worker', args: [], cwd: '/', env: {} }),
      outputName: (page: string) => page,
    },
    inspector: { probe: async () => [found], check: async () => ({}), verify: async () => [] },
    recorder: {
      handOver: () => {},
      assertUntouched: async () => {},
      finished: async ({ id }: { id: string }) => void finished.push(id),
    },
    ...context,
  };
  return { run: run as unknown as WarmContext, told, finished };
}

test('a slot works through its pages on a host without a process; a worker that is lost costs the page at work', async () => {
  const host = new ScriptedHost();
  host.onStart = (channel) => {
    setImmediate(() => channel.becomeReady());
    channel.onLine = (line) => {
      const id = idIn(line);
      // The second worker of the slot does all of them.
      if (host.channels.length === 1 && id === '2.png')
        setImmediate(() => channel.end({ by: 'signal', signal: 'SIGSEGV' }));
      else setImmediate(() => channel.say({ type: 'done', id, outcome: 'no-text', output: null }));
    };
  };
  const { run, told, finished } = slotWith(host);
  await runWarmSlot(SLOT, run);
  expect(finished.sort()).toEqual(PAGES.map(({ id }) => id));
  expect(host.channels).toHaveLength(2);
  expect(told.filter(({ type }) => type === 'page-retried')).toMatchObject([{ page: '2.png', attempt: 1 }]);
  expect(told.filter(({ type }) => type.startsWith('worker-'))).toMatchObject([
    { type: 'worker-started', slot: SLOT.id, gpu: 3, pid: 4711 },
    { type: 'worker-ready' },
    { type: 'worker-exited', signal: 'SIGSEGV', pages: 1 },
    { type: 'worker-started' },
    { type: 'worker-ready' },
    { type: 'worker-exited' },
  ]);
});

test('a worker is replaced by what its host says that it holds', async () => {
  const host = new ScriptedHost();
  host.onStart = (channel) => {
    setImmediate(() => channel.becomeReady());
    channel.onLine = (line) => {
      channel.heldBytes += 600;
      setImmediate(() => channel.say({ type: 'done', id: idIn(line), outcome: 'no-text', output: null }));
    };
  };
  const { run, finished } = slotWith(host, { maxWorkerMemoryBytes: 1000 });
  await runWarmSlot(SLOT, run);
  expect(finished).toHaveLength(4);
  expect(host.channels.map(({ heard }) => heard)).toEqual([
    ['page 1.png', 'page 2.png', 'eof'],
    ['page 3.png', 'page 4.png', 'eof'],
  ]);
});

test('a page whose copy somebody removes loses no try, even while copies show what the worker does to its input', async () => {
  const host = new ScriptedHost();
  const given: string[] = [];
  host.onStart = (channel) => {
    setImmediate(() => channel.becomeReady());
    channel.onLine = (line) => {
      const { id, input } = JSON.parse(line);
      given.push(input);
      const isCopy = input.startsWith(join(root, 'stage'));
      if (isCopy) rmSync(join(root, 'stage'), { recursive: true });
      const failure = { reason: 'unreadable', message: 'FileNotFoundError' };
      const answer = isCopy
        ? { type: 'failed', ...failure }
        : { type: 'done', outcome: 'no-text', output: null };
      setImmediate(() => channel.say({ id, ...answer }));
    };
  };
  const copyOf = (page: Page): StagedPage => {
    const path = join(root, 'stage', page.id);
    if (existsSync(join(root, 'stage'))) writeFileSync(path, '');
    const source = { bytes: 0, mtimeMs: 0, ctimeMs: 0, device: 0, inode: 0, sample: 0 };
    return { page, path, found: { ok: true, format: 'png', source } };
  };
  mkdirSync(join(root, 'stage'));
  let isOn = true;
  const isGone = async (): Promise<boolean> => {
    isOn &&= existsSync(join(root, 'stage'));
    return !isOn;
  };
  const stage = {
    take: async (page: Page) => (isOn ? copyOf(page) : undefined),
    ...{ isGone, hasLost: isGone, remove: async () => {}, putBack: () => {}, pageTook: () => {} },
  };
  const links = new LinkMode({ copies: false, isKnown: false });
  const probe = async ([{ link, known }]: readonly [ProbeJob]): Promise<readonly object[]> => {
    mkdirSync(dirname(link ?? root), { recursive: true });
    if (link !== undefined) writeFileSync(link, '');
    return [known ?? { ok: true, source: {} }];
  };
  const inspector = { probe, check: async () => ({}), verify: async () => [] };
  const { run, told, finished } = slotWith(host, {}, { stage, links, inspector });
  await runWarmSlot(SLOT, run);
  expect(finished.sort()).toEqual(PAGES.map(({ id }) => id));
  expect(told.filter(({ type }) => type === 'page-retried')).toEqual([]);
  expect(given.filter((input) => input === join(root, 'stage', '1.png'))).toHaveLength(1);
});
