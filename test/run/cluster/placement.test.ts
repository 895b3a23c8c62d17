import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { GpuPatience } from '../../../src/run/cluster/gpu-patience.ts';
import { Placement } from '../../../src/run/cluster/placement.ts';
import { RayCluster } from '../../../src/workers/hosts/ray/ray-cluster.ts';
import { Reservations } from '../../../src/workers/hosts/ray/reservations.ts';
import { nodeNamed, ScriptedDriver, settle } from '../../fixtures/scripted-driver.ts';

/** The look of each second comes when a test says so. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A placement over a pool that only notes what it is told; slots stay at work until the test ends them. */
function placed({
  most,
  workersPerGpu = 1,
  gpuWaitMs = 0,
  before,
}: {
  most?: number;
  workersPerGpu?: number;
  gpuWaitMs?: number;
  /** What happens between the driver's hello and the first GPU that is asked for. */
  before?: (scripted: ScriptedDriver) => void;
} = {}) {
  const scripted = new ScriptedDriver();
  const { driver, nodes } = new RayCluster(scripted.driver, {
    ...{ type: 'hello', v: 1, ray: '2.60.0', python: '3.11.7', address: '10.0.0.1:6379' },
    nodes: [nodeNamed('n1', 2, true), nodeNamed('n2', 1)],
  });
  const clock = { nowMs: 0 };
  const nowMs = (): number => clock.nowMs;
  const reservations = new Reservations({ driver, nodes, most, nowMs });
  before?.(scripted);
  const slots = new Map<string, Slot>();
  const told: string[] = [];
  const events: Happening[] = [];
  const failures: unknown[] = [];
  const world = { hasWork: true, used: new Set<string>() };
  let changed = (): void => {};
  let settled = (): void => {};
  const stop = new AbortController();
  const placement = new Placement({
    reservations,
    workersPerGpu,
    gpuWaitMs,
    nowMs,
    stop: stop.signal,
    slots: () => [...slots.values()],
    isUsed: (name) => world.used.has(name),
    hasWork: () => world.hasWork,
    onChange: (listener) => {
      changed = listener;
    },
    emit: (event) => events.push(event),
    fail: (error) => failures.push(error),
    pool: {
      join: (slot) => {
        slots.set(slot.id, slot);
        told.push(`join ${slot.id}`);
      },
      retire: async (slot, why) => {
        slots.delete(slot.id);
        told.push(`retire ${slot.id}: ${why}`);
      },
      settled: () =>
        slots.size === 0
          ? Promise.resolve()
          : new Promise((resolve) => {
              settled = resolve;
            }),
    },
  });
  const running = placement.run(nodes.all);
  const end = async (): Promise<void> => {
    world.hasWork = false;
    slots.clear();
    settled();
    stop.abort();
    await running;
  };
  /** A second passes, in which the clock goes on by so much. */
  const look = (ms = 1000): void => {
    clock.nowMs += ms;
    vi.advanceTimersByTime(1000);
  };
  /** Its last slot stops working, and the work is over or not. */
  const idle = (hasWork: boolean): void => {
    world.hasWork = hasWork;
    slots.clear();
    settled();
  };
  const change = (): void => changed();
  return { scripted, told, events, failures, slots, world, clock, running, look, idle, change, end };
}

test('slots join as GPUs are held, with the number of their GPU among all', async () => {
  const { scripted, told, events, end } = placed({ workersPerGpu: 2 });
  expect(scripted.of('reserve').map(({ gpu, node }) => `${gpu} ${node}`)).toEqual([
    'g1 n1',
    'g2 n1',
    'g3 n2',
  ]);
  scripted.say({ type: 'reserved', gpu: 'g3', node: 'n2', device: '0', cores: 8, gpuName: 'T4' });
  scripted.say({ type: 'reserved', gpu: 'g1', node: 'n1', device: '1', cores: 8 });
  await settle();
  expect(told).toEqual(['join node2-gpu2-0', 'join node2-gpu2-1', 'join node1-gpu0-0', 'join node1-gpu0-1']);
  expect(events).toMatchObject([
    { type: 'node-joined', node: 'node1', address: '10.0.0.1', gpus: 2 },
    { type: 'node-joined', node: 'node2' },
  ]);
  await end();
  expect(scripted.of('release').map(({ gpu }) => gpu)).toEqual(['g1', 'g2', 'g3']);
});

test('a GPU whose holder died is asked for again on its node, and its slots have new names', async () => {
  const { scripted, told, end } = placed();
  const hold = (gpu: string): void =>
    scripted.say({ type: 'reserved', gpu, node: 'n2', device: '0', cores: 8 });
  hold('g3');
  scripted.say({ type: 'lost', gpu: 'g3', why: 'actor', message: 'it was killed' });
  expect(scripted.of('reserve').at(-1)).toMatchObject({ gpu: 'g4', node: 'n2' });
  hold('g4');
  await settle();
  expect(told).toEqual([
    'join node2-gpu2-0',
    'retire node2-gpu2-0: its GPU is not held any more: it was killed; it is asked for again',
    'join node2-gpu2-1',
  ]);
  scripted.say({ type: 'lost', gpu: 'g4', why: 'actor', message: 'again' });
  hold('g5');
  scripted.say({ type: 'lost', gpu: 'g5', why: 'actor', message: 'and again' });
  expect(scripted.of('reserve')).toHaveLength(5);
  expect(told.at(-1)).toBe('retire node2-gpu2-2: its GPU is not held any more: and again');
  await end();
});

test('a GPU whose holder heard nothing of the launcher is asked for again, however often', async () => {
  const { scripted, told, end } = placed();
  const message = 'the launcher was not heard for 60 s';
  for (const gpu of ['g3', 'g4', 'g5', 'g6']) {
    scripted.say({ type: 'reserved', gpu, node: 'n2', device: '0', cores: 8 });
    scripted.say({ type: 'lost', gpu, why: 'lease', message });
  }
  expect(scripted.of('reserve').at(-1)).toMatchObject({ gpu: 'g7', node: 'n2' });
  expect(told.at(-1)).toBe(
    `retire node2-gpu2-3: its GPU is not held any more: ${message}; it is asked for again`,
  );
  // Its losses are still counted.
  for (const gpu of ['g7', 'g8', 'g9']) {
    scripted.say({ type: 'reserved', gpu, node: 'n2', device: '0', cores: 8 });
    scripted.say({ type: 'lost', gpu, why: 'actor', message: 'it was killed' });
  }
  expect(scripted.of('reserve')).toHaveLength(9);
  await end();
});

test('a node goes with its slots, and one that joins is asked for its GPUs', async () => {
  const { scripted, told, events, slots, end } = placed();
  for (const gpu of ['g1', 'g2']) scripted.say({ type: 'reserved', gpu, node: 'n1', device: '0', cores: 8 });
  scripted.say({ type: 'reserved', gpu: 'g3', node: 'n2', device: '0', cores: 8 });
  for (const gpu of ['g1', 'g2']) scripted.say({ type: 'lost', gpu, why: 'node', message: 'dead' });
  scripted.say({ type: 'nodes', joined: [nodeNamed('n7', 1)], left: ['n1'] });
  await settle();
  expect(told.slice(3)).toEqual([
    'retire node1-gpu0-0: its node is gone',
    'retire node1-gpu1-0: its node is gone',
  ]);
  expect([...slots.keys()]).toEqual(['node2-gpu2-0']);
  expect(events.slice(2)).toMatchObject([
    { type: 'node-left', node: 'node1', why: 'Ray has lost contact with it' },
    { type: 'node-joined', node: 'node3' },
  ]);
  expect(scripted.of('reserve').at(-1)).toMatchObject({ gpu: 'g4', node: 'n7' });
  await end();
});

test('so many GPUs wherever they are: one that is lost with its node is asked for elsewhere', async () => {
  const { scripted, end } = placed({ most: 2 });
  expect(scripted.of('reserve').map(({ node }) => node)).toEqual([null, null]);
  scripted.say({ type: 'reserved', gpu: 'g1', node: 'n2', device: '0', cores: 8 });
  scripted.say({ type: 'lost', gpu: 'g1', why: 'node', message: 'dead' });
  expect(scripted.of('reserve').at(-1)).toMatchObject({ gpu: 'g3', node: null });
  await end();
});

test('a node that joins before the first GPU is asked for takes part, and one that left does not', async () => {
  const { scripted, events, end } = placed({
    before: (early) => early.say({ type: 'nodes', joined: [nodeNamed('n7', 1)], left: ['n2'] }),
  });
  expect(scripted.of('reserve').map(({ node }) => node)).toEqual(['n1', 'n1', 'n7']);
  expect(events).toMatchObject([
    { type: 'node-joined', node: 'node1' },
    { type: 'node-joined', node: 'node3', host: 'host-n7' },
  ]);
  scripted.say({ type: 'nodes', joined: [], left: ['n7'] });
  expect(events.at(-1)).toMatchObject({ type: 'node-left', node: 'node3' });
  await end();
});

test('why GPUs of a node can’t be held is told once, while others are at work', async () => {
  const { scripted, events, failures, look, end } = placed();
  scripted.say({ type: 'reserved', gpu: 'g3', node: 'n2', device: '0', cores: 8 });
  const message = 'the guard of the workers did not start';
  for (const gpu of ['g1', 'g2']) scripted.say({ type: 'unplaced', gpu, message });
  expect(events.filter(({ type }) => type === 'notice')).toEqual([
    { type: 'notice', level: 'warn', text: `A GPU of node1 host-n1 can't be used: ${message}` },
  ]);
  look();
  expect(failures).toEqual([]);
  await end();
});

test('a node that is known by its GPU first is told with its name and address once these are known', async () => {
  const { scripted, events, told, end } = placed({ most: 2 });
  scripted.say({ type: 'reserved', gpu: 'g1', node: 'n7', device: '0', cores: 8 });
  scripted.say({ type: 'nodes', joined: [nodeNamed('n7', 2)], left: [] });
  scripted.say({ type: 'nodes', joined: [nodeNamed('n7', 2)], left: [] });
  scripted.say({ type: 'reserved', gpu: 'g2', node: 'n7', device: '1', cores: 8 });
  expect(events.slice(2)).toEqual([
    { type: 'node-joined', node: 'node3', address: '10.0.0.7', host: 'host-n7', gpus: 2 },
  ]);
  expect(told).toEqual(['join node3-gpu3-0', 'join node3-gpu4-0']);
  await end();
});

test('a GPU that was held for some minutes is a good one: its losses count anew', async () => {
  const { scripted, clock, end } = placed();
  for (const gpu of ['g3', 'g4', 'g5', 'g6']) {
    scripted.say({ type: 'reserved', gpu, node: 'n2', device: '0', cores: 8 });
    clock.nowMs += 5 * 60_000;
    scripted.say({ type: 'lost', gpu, why: 'actor', message: 'it was killed' });
  }
  expect(scripted.of('reserve')).toHaveLength(7);
  await end();
});

test('a GPU that was benched goes to others, once its last worker is gone', async () => {
  const { scripted, slots, world, look, end } = placed();
  for (const gpu of ['g1', 'g2']) scripted.say({ type: 'reserved', gpu, node: 'n1', device: '0', cores: 8 });
  await settle();
  world.used.add('g1');
  slots.delete('node1-gpu0-0');
  look();
  expect(scripted.of('release')).toEqual([]);
  world.used.clear();
  look();
  expect(scripted.of('release').map(({ gpu }) => gpu)).toEqual(['g1']);
  await end();
});

test('a run that waits for a GPU ends as soon as nothing is left to do', async () => {
  const { scripted, running, idle, change } = placed();
  scripted.say({ type: 'reserved', gpu: 'g3', node: 'n2', device: '0', cores: 8 });
  await settle();
  idle(true);
  await settle();
  let isOver = false;
  void running.then(() => {
    isOver = true;
  });
  change();
  await settle();
  expect(isOver).toBe(false);
  idle(false);
  change();
  await running;
});

test('time in which the run was stopped with a GPU is no wait for one', async () => {
  const { scripted, clock, failures, look, end } = placed({ gpuWaitMs: 60 * 60_000 });
  scripted.say({ type: 'reserved', gpu: 'g3', node: 'n2', device: '0', cores: 8 });
  clock.nowMs += 2 * 60 * 60_000;
  scripted.say({ type: 'lost', gpu: 'g3', why: 'lease', message: 'the launcher was not heard for 60 s' });
  look();
  expect(failures).toEqual([]);
  look(60 * 60_000);
  expect(failures).toMatchObject([{ exitCode: 3 }]);
  await end();
});

test('a run that finds no GPU within --gpu-wait fails', async () => {
  const { events, failures, look, end } = placed({ gpuWaitMs: 2 * 60_000 });
  look(60_000);
  expect(events.at(-1)).toMatchObject({
    type: 'notice',
    level: 'info',
    text: expect.stringContaining('none of the 3 that were asked for is free'),
  });
  expect(failures).toEqual([]);
  look(60_000);
  expect(failures).toMatchObject([
    { exitCode: 3, message: expect.stringContaining('no GPU of the Ray cluster was free within') },
  ]);
  await end();
});

const MINUTE = 60_000;

test('a run without a GPU says so each minute, and gives up after --gpu-wait', () => {
  const patience = new GpuPatience(2.5 * MINUTE, 0);
  const taken = { held: 0, pending: 4 };
  expect(patience.look(taken, MINUTE - 1)).toBeUndefined();
  expect(patience.look(taken, MINUTE)).toMatchObject({
    by: 'tell',
    text: expect.stringContaining('none of the 4 that were asked for is free'),
  });
  expect(patience.look(taken, MINUTE + 1)).toBeUndefined();
  expect(patience.look(taken, 2 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look(taken, 2.5 * MINUTE)).toMatchObject({
    by: 'give-up',
    refusal: { exitCode: 3, message: expect.stringContaining('no GPU of the Ray cluster was free within') },
  });
});

test('a GPU that is missing for a moment, late in a run, is not told of', () => {
  const patience = new GpuPatience(0, 0);
  expect(patience.look({ held: 2, pending: 0 }, 59 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 1, pending: 1 }, 59.1 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 2, pending: 0 }, 59.2 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 1, pending: 1 }, 60 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 1, pending: 1 }, 60.2 * MINUTE)).toMatchObject({
    text: expect.stringContaining('1 more GPU joins'),
  });
});

test('time with a GPU is no wait; without a limit only a cluster without any is given up', () => {
  const patience = new GpuPatience(0, 0);
  expect(patience.look({ held: 1, pending: 1 }, 59 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look({ held: 1, pending: 1 }, 90 * MINUTE)).toBeUndefined();
  // Those that it had are lost: nobody has waited yet.
  expect(patience.look({ held: 0, pending: 1 }, 90.5 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 0, pending: 1 }, 91 * MINUTE)).toMatchObject({
    text: expect.stringContaining('for 1 min'),
  });
  expect(patience.look({ held: 0, pending: 1 }, 9000 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look({ held: 0, pending: 0, lastWords: 'dead' }, 9001 * MINUTE)).toMatchObject({
    by: 'give-up',
    refusal: { message: 'no GPU of the Ray cluster is left: dead' },
  });
});
