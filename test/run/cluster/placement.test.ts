import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { GpuPatience } from '../../../src/run/cluster/gpu-patience.ts';
import { Placement } from '../../../src/run/cluster/placement.ts';
import { ClusterNodes } from '../../../src/workers/hosts/ray/cluster-nodes.ts';
import { Reservations } from '../../../src/workers/hosts/ray/reservations.ts';
import { nodeNamed, ScriptedDriver, settle } from '../../fixtures/scripted-driver.ts';

/** A placement over a pool that only notes what it is told; slots stay at work until the test ends them. */
function placed({ most, workersPerGpu = 1 }: { most?: number; workersPerGpu?: number } = {}) {
  const scripted = new ScriptedDriver();
  const nodes = new ClusterNodes([nodeNamed('n1', 2, true), nodeNamed('n2', 1)]);
  const reservations = new Reservations({ driver: scripted.driver, nodes, most });
  const slots = new Map<string, Slot>();
  const told: string[] = [];
  const events: Happening[] = [];
  const failures: unknown[] = [];
  const world = { hasWork: true };
  let settled = (): void => {};
  const stop = new AbortController();
  const placement = new Placement({
    reservations,
    workersPerGpu,
    gpuWaitMs: 0,
    stop: stop.signal,
    slots: () => [...slots.values()],
    isUsed: () => false,
    hasWork: () => world.hasWork,
    onChange: () => {},
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
  return { scripted, told, events, failures, reservations, slots, end };
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

const MINUTE = 60_000;

test('a run without a GPU says so each minute, and gives up after --gpu-wait', () => {
  const patience = new GpuPatience(2.5 * MINUTE, 0);
  const taken = { held: 0, pending: 4 };
  expect(patience.look(taken, MINUTE - 1)).toBeUndefined();
  expect(patience.look(taken, MINUTE)).toMatchObject({
    by: 'tell',
    text: expect.stringContaining('all 4 are taken'),
  });
  expect(patience.look(taken, MINUTE + 1)).toBeUndefined();
  expect(patience.look(taken, 2 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look(taken, 2.5 * MINUTE)).toMatchObject({
    by: 'give-up',
    refusal: { exitCode: 3, message: expect.stringContaining('no GPU of the Ray cluster was free within') },
  });
});

test('time with a GPU is no wait; without a limit only a cluster without any is given up', () => {
  const patience = new GpuPatience(0, 0);
  expect(patience.look({ held: 1, pending: 1 }, 59 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look({ held: 1, pending: 1 }, 90 * MINUTE)).toBeUndefined();
  expect(patience.look({ held: 0, pending: 1 }, 90.5 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look({ held: 0, pending: 1 }, 9000 * MINUTE)).toMatchObject({ by: 'tell' });
  expect(patience.look({ held: 0, pending: 0, lastWords: 'dead' }, 9001 * MINUTE)).toMatchObject({
    by: 'give-up',
    refusal: { message: 'no GPU of the Ray cluster is left: dead' },
  });
});
