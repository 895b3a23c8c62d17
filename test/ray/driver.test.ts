import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Cluster, WHY_NO_CLUSTER } from './cluster.ts';
import type { RayDriver } from './driver.ts';

/** A worker with a child in its session and one in another. */
const FAMILY = ['sh', '-c', 'sleep 71 & setsid sleep 72 & echo up; wait'];
const COPIES = [
  'python3',
  '-S',
  '-c',
  `import json, os, shutil, sys
print(json.dumps({"type": "ready", "gpu": os.environ["CUDA_VISIBLE_DEVICES"]}), flush=True)
for line in sys.stdin:
    page = json.loads(line)
    shutil.copyfile(page["input"], page["output"])
    print(json.dumps({"type": "done", "id": page["id"]}), flush=True)`,
];

const nodesOf = (said: Readonly<Record<string, unknown>>) =>
  said['nodes'] as readonly { node: string; address: string; gpus: number }[];
const parentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
const soon = { timeout: 5000, interval: 50 };

async function startFamily(ray: RayDriver, name: string, node: string | null = null): Promise<number> {
  await ray.reserve(name, node);
  const pid = await ray.start(name, name, FAMILY);
  await ray.line(name, 'out', (text) => text === 'up');
  return pid;
}

describe.skipIf(WHY_NO_CLUSTER !== undefined)(
  WHY_NO_CLUSTER === undefined ? 'two nodes' : `two nodes (skipped: ${WHY_NO_CLUSTER})`,
  () => {
    let cluster: Cluster;
    let nodes: string[] = [];
    beforeAll(async () => {
      cluster = await Cluster.start({ nodes: 2, gpus: 2 });
    });
    afterAll(() => cluster.end());
    const hello = async (fields: object = {}) => {
      const ray = cluster.driver(fields);
      nodes = nodesOf(await ray.next('hello')).map(({ node }) => node);
      return ray;
    };
    const leftOver = async () => [
      ...(await cluster.processes()).filter(({ command }) => !command.includes('ray_driver')),
      ...cluster.folders(),
    ];

    test('pages travel to both nodes and back', async () => {
      const ray = cluster.driver({ address: 'auto' });
      const said = await ray.next('hello');
      expect(nodesOf(said)).toMatchObject([
        { address: '10.77.0.1', head: true, gpus: 2, gpusFree: 2 },
        { address: '10.77.0.2', head: false, gpus: 2, gpusFree: 2 },
      ]);
      const folder = mkdtempSync(path.join(os.tmpdir(), 'mgpu-ray-test-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const source = path.join(folder, '001.png');
      writeFileSync(source, Buffer.alloc(700_000, 'page'));
      const slots = nodesOf(said).map(({ node }, at) => ({ slot: `node${at}`, node }));
      for (const { slot, node } of slots) {
        expect(await ray.reserve(slot, node)).toMatchObject({ node, device: '0' });
        await ray.start(slot, slot, COPIES);
        expect(await ray.line(slot, 'out', (text) => text.includes('ready'))).toContain('"gpu": "0"');
      }
      for (let at = 0; at < 6; at += 1) {
        const slot = slots[at % 2]?.slot;
        const [id, output] = [`page ${at}`, path.join(folder, `out-${at}.png`)];
        ray.say({ type: 'file', slot, id, source, name: '001.png' });
        ray.say({
          type: 'line',
          slot,
          id,
          output,
          text: JSON.stringify({ type: 'page', id, input: source, output }),
        });
        await ray.line(slot ?? '', 'out', (text) => text.includes(`"id": "${id}"`));
        expect(readFileSync(output).length).toBe(700_000);
      }
      expect(await ray.end()).toBe(0);
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test('a worker and an actor that are killed', async () => {
      const ray = await hello();
      const killed = await startFamily(ray, 'first', nodes[1]);
      process.kill(killed, 'SIGKILL');
      expect(await ray.next('exit')).toEqual({
        type: 'exit',
        slot: 'first',
        by: 'signal',
        signal: 'SIGKILL',
      });
      const sleeps = async () =>
        (await cluster.processes()).filter(({ command }) => command.includes('sleep'));
      expect(await sleeps()).toEqual([]);

      const worker = await ray.start('first', 'first', FAMILY);
      await ray.line('first', 'out', (text) => text === 'up');
      process.kill(parentOf(worker), 'SIGKILL');
      expect(await ray.next('lost')).toMatchObject({ gpu: 'first', why: 'actor' });
      await expect.poll(leftOver, soon).toEqual([]);
      // Its GPU is free again.
      await startFamily(ray, 'second', nodes[1]);
      await startFamily(ray, 'third', nodes[1]);
      expect(await ray.end()).toBe(0);
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test.each<[string, (ray: RayDriver) => void]>([
      ['the launcher is gone', (ray) => ray.process.stdin?.end()],
      ['the driver is told to end', (ray) => void ray.process.kill('SIGTERM')],
      [
        'GPUs are released and the launcher is gone, at once',
        (ray) => ray.process.stdin?.end('{"type":"release","gpu":"gpu0"}\n{"type":"release","gpu":"gpu1"}\n'),
      ],
    ])('has left nothing when it ends: %s', async (_, end) => {
      const ray = await hello();
      const workers: number[] = [];
      for (const [at, node] of nodes.entries()) workers.push(await startFamily(ray, `gpu${at}`, node));
      end(ray);
      expect(await ray.ended()).toBe(0);
      const found = workers.filter((pid) => existsSync(`/proc/${pid}`));
      expect([found, cluster.folders()]).toEqual([[], []]);
      // The processes of the actors are Ray's, which has said that they are gone.
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test('the driver is killed', async () => {
      const ray = await hello();
      for (const [at, node] of nodes.entries()) await startFamily(ray, `gpu${at}`, node);
      ray.process.kill('SIGKILL');
      await ray.ended();
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test('a driver that does not come back within the lease', async () => {
      const ray = await hello({ leaseSeconds: 2 });
      await startFamily(ray, 'gpu', nodes[1]);
      ray.process.kill('SIGSTOP');
      await expect.poll(leftOver, { ...soon, timeout: 10_000 }).toEqual([]);
      ray.process.kill('SIGCONT');
      const message = 'the launcher was not heard for 2 s';
      expect(await ray.next('lost')).toEqual({ type: 'lost', gpu: 'gpu', why: 'lease', message });
      expect(await ray.end()).toBe(0);
    });

    test('a full cluster is waited for; a node joins', async () => {
      const [ray, other] = [await hello(), await hello()];
      for (const name of ['a', 'b', 'c', 'd']) await other.reserve(name);
      ray.say({ type: 'reserve', gpu: 'late', node: null, device: null }, { type: 'sample', seq: 1 });
      await ray.next('sampled');
      other.say({ type: 'release', gpu: 'c' });
      await ray.next('reserved');
      ray.say({ type: 'reserve', gpu: 'new', node: null, device: null });
      const { id } = await cluster.order({ do: 'add-node', gpus: 1 });
      expect((await ray.next('nodes'))['joined']).toMatchObject([
        { node: id, gpus: 1, address: '10.77.0.3' },
      ]);
      expect(await ray.next('reserved')).toMatchObject({ gpu: 'new', node: id });
      expect(await Promise.all([ray.end(), other.end()])).toEqual([0, 0]);
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test('a node that hangs for a while, and one that dies', async () => {
      const ray = await hello();
      const { node: number, id: joined } = await cluster.order({ do: 'add-node', gpus: 1 });
      await startFamily(ray, 'here', nodes[0]);
      await startFamily(ray, 'there', String(joined));
      await cluster.order({ do: 'stop-raylet', node: number });
      ray.say({ type: 'signal', slot: 'there', signal: 'SIGKILL' });
      await cluster.order({ do: 'continue-raylet', node: number });
      await ray.next('exit');
      const worker = await ray.start('there', 'there', FAMILY);
      await ray.line('there', 'out', (text) => text === 'up');
      // A zombie of it stays: to Ray's own processes it seems to live.
      await cluster.order({ do: 'kill-raylet', node: number, zombie: true });
      await expect.poll(() => existsSync(`/proc/${worker}`), soon).toBe(false);
      expect(await ray.next('lost')).toEqual({
        type: 'lost',
        gpu: 'there',
        why: 'node',
        message: 'its node is gone',
      });
      ray.say({ type: 'reserve', gpu: 'again', node: joined, device: null });
      expect(await ray.next('unplaced')).toMatchObject({ gpu: 'again' });
      ray.say({ type: 'memory', slot: 'here', seq: 2 });
      expect(await ray.next('memory')).toMatchObject({ seq: 2, bytes: expect.any(Number) });
      expect(await ray.end()).toBe(0);
      await expect.poll(leftOver, soon).toEqual([]);
    });
  },
);

describe.skipIf(WHY_NO_CLUSTER !== undefined)('a node that is cut off', () => {
  test('has nothing left of ours after the lease; once it is back, that is told, and its GPU is of use', async () => {
    const cluster = await Cluster.start({ nodes: 2, gpus: 1, apart: 1 });
    onTestFinished(() => cluster.end());
    const ray = cluster.driver({ leaseSeconds: 4 });
    const [here, there] = nodesOf(await ray.next('hello')).map(({ node }) => node);
    const near = await startFamily(ray, 'near', here);
    const far = await startFamily(ray, 'far', there);
    await cluster.order({ do: 'cut', node: 1 });
    await expect.poll(() => existsSync(`/proc/${far}`), { ...soon, timeout: 10_000 }).toBe(false);
    await expect.poll(() => cluster.folders().length, soon).toBe(1);
    const sleeps = (await cluster.processes()).filter(({ command }) => command.startsWith('sleep'));
    expect([existsSync(`/proc/${near}`), sleeps.length]).toEqual([true, 2]);
    await cluster.order({ do: 'join', node: 1 });
    const message = 'the launcher was not heard for 4 s';
    expect(await ray.next('lost')).toEqual({ type: 'lost', gpu: 'far', why: 'lease', message });
    await startFamily(ray, 'again', there);
    expect(await ray.end()).toBe(0);
    await expect.poll(() => cluster.folders(), soon).toEqual([]);
  });
});

describe.skipIf(WHY_NO_CLUSTER !== undefined)('a cluster whose processes adopt orphans', () => {
  test('loses no exit code, and leaves nothing', async () => {
    const variable = 'RAY_kill_child_processes_on_worker_exit_with_raylet_subreaper';
    const cluster = await Cluster.start({ nodes: 1, gpus: 1, env: { [variable]: '1' } });
    onTestFinished(() => cluster.end());
    const ray = cluster.driver();
    await ray.reserve('gpu');
    await ray.start('gpu', 'gpu', ['sh', '-c', 'exit 7']);
    expect(await ray.next('exit')).toMatchObject({ by: 'exit', code: 7 });
    const worker = await ray.start('gpu', 'gpu', FAMILY);
    await ray.line('gpu', 'out', (text) => text === 'up');
    process.kill(parentOf(worker), 'SIGKILL');
    await ray.next('lost');
    const found = async () => [
      ...(await cluster.processes()).filter(({ command }) => !command.includes('ray_driver')),
      ...cluster.folders(),
    ];
    await expect.poll(found, soon).toEqual([]);
    expect(await ray.end()).toBe(0);
  });
});
