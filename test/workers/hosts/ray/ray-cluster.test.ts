import { expect, onTestFinished, test, vi } from 'vitest';
import { connectCluster, greet } from '../../../../src/workers/hosts/ray/ray-cluster.ts';
import { nodeNamed, ScriptedDriver } from '../../../fixtures/scripted-driver.ts';

const WANTED = { engine: 'ray', waits: false } as const;

test('nodes are named by address, the head first, and their GPUs numbered over all of them', async () => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, { ...WANTED, engine: 'ray:10.0.0.1:6379' });
  expect(scripted.of('hello')).toMatchObject([{ address: '10.0.0.1:6379', wait: false }]);
  scripted.hello(nodeNamed('n10', 1), nodeNamed('n9', 2), nodeNamed('n11', 1, true));
  const cluster = await greeting;
  expect(cluster.nodesAtFirst.map(({ label, node, firstGpu }) => [label, node, firstGpu])).toEqual([
    ['node1', 'n11', 0],
    ['node2', 'n9', 1],
    ['node3', 'n10', 3],
  ]);
  expect(cluster.gpus.map(({ index, node }) => `${node} ${index}`)).toEqual([
    'node1 0',
    'node2 1',
    'node2 2',
    'node3 3',
  ]);
  await cluster.close();
  expect(scripted.isClosed).toBe(true);
});

test('a node that joins with the very next event is one of the cluster', async () => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  scripted.hello(nodeNamed('n1', 1, true));
  scripted.say({ type: 'nodes', joined: [nodeNamed('n7', 1)], left: [] });
  const { nodes, nodesAtFirst } = await greeting;
  expect(nodes.all.map(({ label, node }) => `${label} ${node}`)).toEqual(['node1 n1', 'node2 n7']);
  expect(nodesAtFirst).toHaveLength(1);
});

test.each([
  ['no-ray', '/usr/bin/python3 has no Ray', '--ray-python'],
  ['no-cluster', 'nothing answers there', 'ray start'],
  ['no-node', 'this machine is no node', '--part'],
  ['version', 'the cluster has Ray 2.60.0', '--ray-python'],
  ['no-gpu', 'the cluster has no GPU', '--part'],
  ['of another version', 'something else', 'ray status'],
])('a driver that refuses (%s) is one line, with what to do', async (kind, message, hint) => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  scripted.say({ type: 'refused', kind, message });
  await expect(greeting).rejects.toMatchObject({
    exitCode: 3,
    message: `--engine ray: ${message}`,
    hint: expect.stringContaining(hint),
  });
  expect(scripted.isClosed).toBe(true);
});

test('one that is not waited for any more when it is started is let go, and told nothing', async () => {
  const scripted = new ScriptedDriver();
  await expect(greet(scripted.driver, { ...WANTED, stop: AbortSignal.abort() })).rejects.toThrow('ended');
  expect(scripted.isClosed).toBe(true);
  expect(scripted.told).toEqual([]);
  const python = process.execPath;
  const around = { cwd: '/', env: {}, redact: (text: string) => text };
  await expect(connectCluster({ ...WANTED, ...around, python, stop: AbortSignal.abort() })).rejects.toThrow(
    'stopped before the cluster was asked',
  );
});

test.each(['/bin/true', '/bin/echo', process.execPath])('--ray-python %s is no Python', async (python) => {
  const around = { cwd: '/', env: { PATH: '/bin' }, redact: (text: string) => text };
  await expect(connectCluster({ ...WANTED, ...around, python })).rejects.toMatchObject({
    exitCode: 3,
    message: `--ray-python ${python}: this program is no Python 3`,
    hint: expect.stringContaining('Ray is installed in'),
  });
});

test('a Python that can not start is told with its own words', async () => {
  const env = { PATH: process.env.PATH, PYTHONHOME: '/nowhere' };
  const around = { cwd: '/', env, redact: (text: string) => text };
  await expect(connectCluster({ ...WANTED, ...around, python: 'python3' })).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/^--engine ray: .*(?:Fatal Python error|No module named 'encodings')/),
  });
});

test('a driver that says nothing, or nothing that is understood, is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  scripted.say({ type: 'hello', v: 2, ray: '9', python: '4', address: 'x', nodes: [] });
  vi.advanceTimersByTime(90_000);
  await expect(greeting).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('no answer that is understood within 90 s'),
  });
  expect(scripted.isClosed).toBe(true);
});

test('a driver that dies is told by its last words; one that nobody waits for is let go', async () => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  scripted.complain('ImportError: libray.so: cannot open shared object file');
  scripted.die('exit code 1');
  await expect(greeting).rejects.toThrow(/the driver ended \(exit code 1\): ImportError: libray/);
  const stop = new AbortController();
  const other = new ScriptedDriver();
  const waiting = greet(other.driver, { ...WANTED, stop: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toThrow('the driver ended');
  expect(other.isClosed).toBe(true);
});

test('of what Ray says at its end, the first sentence is told', async () => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  const rest = "It's either GCS is terminated by `ray stop` or is killed unexpectedly. ".repeat(3);
  scripted.complain(
    `[2026-11-29 01:55:11,635 E 7427 7523] rpc_client.h:204: Failed to connect to GCS within 60 seconds. ${rest}`,
  );
  scripted.die('exit code 1');
  await expect(greeting).rejects.toThrow(/\(exit code 1\): Failed to connect to GCS within 60 seconds\.$/);
});

test('samples of GPUs that are held; what nobody tells is left out', async () => {
  const scripted = new ScriptedDriver();
  const greeting = greet(scripted.driver, WANTED);
  scripted.hello(nodeNamed('n1', 1, true));
  const cluster = await greeting;
  scripted.onCommand = (command) => {
    if (command.type !== 'sample') return;
    const gpus = [{ gpu: 'g1', utilization: 50, usedBytes: 2e9, totalBytes: 16e9, name: 'T4' }];
    scripted.say({ type: 'sampled', seq: command.seq + 7, gpus: [] });
    scripted.say({ type: 'sampled', seq: command.seq, gpus });
  };
  expect(await cluster.sample()).toEqual([{ gpu: 'g1', utilisation: 0.5, usedBytes: 2e9, totalBytes: 16e9 }]);
});
