import { expect, test } from 'vitest';
import { slotOn } from '../../../src/devices/slots.ts';
import { clusterEngine } from '../../../src/run/cluster/cluster-engine.ts';
import { RayCluster } from '../../../src/workers/hosts/ray/ray-cluster.ts';
import { nodeNamed, ScriptedDriver, settle } from '../../fixtures/scripted-driver.ts';

/** The engine of a run with pages left, over two nodes. */
function engineOf() {
  const scripted = new ScriptedDriver();
  const cluster = new RayCluster(scripted.driver, {
    ...{ type: 'hello', v: 1, ray: '2.60.0', python: '3.11.7', address: '10.0.0.1:6379' },
    nodes: [nodeNamed('n1', 1, true), nodeNamed('n2', 1)],
  });
  const failures: unknown[] = [];
  const stop = new AbortController();
  const engine = clusterEngine(
    {
      options: { passEnv: [], workersPerGpu: 1, gpuWaitMs: 0 },
      stop: { drain: stop.signal },
      emit: () => {},
      fail: (error) => failures.push(error),
      env: {},
    },
    {},
    {
      cluster,
      remote: { command: () => ({ file: 'python3', args: [], cwd: '', env: {} }), files: {}, warnings: [] },
      run: { slots: () => [], hasWork: () => true, onChange: () => {} },
    },
  );
  const joined: string[] = [];
  const pool = {
    start: () => {},
    join: ({ id }: { id: string }) => void joined.push(id),
    retire: async () => {},
    settled: async () => {},
  };
  return { scripted, engine, failures, stop, joined, pool };
}

test('a run that is stopped lets the driver end: that is no loss of the cluster', async () => {
  const { scripted, engine, failures, stop, pool } = engineOf();
  const running = engine.run(pool, undefined);
  await settle();
  stop.abort();
  await running;
  await engine.host.close();
  expect(scripted.isClosed).toBe(true);
  await settle();
  expect(failures).toEqual([]);
});

test('a driver that ends by itself is the loss of the cluster', async () => {
  const { scripted, failures } = engineOf();
  scripted.die('SIGKILL');
  await settle();
  expect(failures).toMatchObject([{ message: 'the Ray cluster is lost: the driver ended (SIGKILL)' }]);
});

test('GPUs that are held are sampled by their numbers, and their nodes have memory for so many workers', async () => {
  const { scripted, engine, stop, joined, pool } = engineOf();
  const running = engine.run(pool, undefined);
  await settle();
  const reserved = { type: 'reserved', device: '0', cores: 8 };
  scripted.say({ ...reserved, gpu: 'g1', node: 'n1', memoryBytes: 64e9, constrainedMemoryBytes: 10e9 });
  scripted.say({ ...reserved, gpu: 'g2', node: 'n2', memoryBytes: null, constrainedMemoryBytes: null });
  expect(joined).toEqual(['node1-gpu0-0', 'node2-gpu1-0']);
  const gpu = { index: 0, node: 'node1', vendor: 'nvidia', visibleAs: '0' } as const;
  engine.host.start(slotOn(gpu, 0), {
    ...{ command: { file: 'python3', args: [], cwd: '', env: {} }, env: {}, takesLines: true },
  });
  scripted.onCommand = (command) => {
    if (command.type === 'memory')
      scripted.say({ ...command, bytes: 3e9, peakBytes: 4e9, deviceBytes: null });
    if (command.type !== 'sample') return;
    const card = { utilization: 50, usedBytes: 2e9, totalBytes: 16e9 };
    scripted.say({
      type: 'sampled',
      seq: command.seq,
      gpus: [
        { gpu: 'g2', ...card },
        { gpu: 'g9', ...card },
      ],
    });
  };
  expect(await engine.sample(stop.signal)).toEqual([
    { index: 1, utilisation: 0.5, memory: { total: 16e9, used: 2e9 } },
  ]);
  expect(await engine.host.use()).toMatchObject({
    largestBytes: 3e9,
    machines: new Map([
      ['node1', { freeBytes: 5e9, cores: 8 }],
      ['node2', { freeBytes: undefined, cores: 8 }],
    ]),
  });
  stop.abort();
  await running;
});
