import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  answers,
  COPIES,
  isAlive,
  listensAtCluster,
  markedAs,
  page,
  stubPlace,
  TWO_NODES,
} from '../fixtures/ray-stub.ts';
import type { RayDriver, Said } from '../ray/driver.ts';

const addressOf = listensAtCluster();
const place = (nodes: readonly object[] = TWO_NODES) => stubPlace(addressOf(), nodes);
const names = (nodes: unknown) => (Array.isArray(nodes) ? nodes.map(({ node }) => node) : nodes);

test('says which nodes there are, the head first, and ends with stdin', async () => {
  const { driver, order } = await place([...TWO_NODES, { id: 'c', address: '10.0.0.2', gpus: 0 }]);
  const ray = driver();
  const hello = await ray.next('hello');
  expect(hello).toMatchObject({ v: 1, ray: '9.9.9', address: addressOf(), own: 'b' });
  expect(names(hello['nodes'])).toEqual(['b', 'c', 'a']);
  expect(hello['nodes']).toMatchObject([
    { address: '10.0.0.10', name: 'host-b', head: true, gpus: 2, gpusFree: 2, cores: 8, kind: null },
    { head: false, gpus: 0 },
    { head: false, gpus: 1 },
  ]);
  ray.say({ type: 'of a later version' }, { type: 'start' }, { type: 'sample', seq: 7 });
  expect((await ray.next('warning'))['message']).toContain('a wrong start message');
  expect(await ray.next('sampled')).toEqual({ type: 'sampled', seq: 7, gpus: [] });
  order('nodes.json', JSON.stringify([TWO_NODES[0], { id: 'd', address: '10.0.0.3', gpus: 1 }]));
  const change = await ray.next('nodes');
  expect([names(change['joined']), change['left']]).toEqual([['d'], ['c', 'a']]);
  expect(await ray.end()).toBe(0);
});

const VERSIONS = `Version mismatch: The cluster was started with:
    Ray: 2.40.0
    Python: 3.10.1
This process on node 10.0.0.1 was started with:
    Ray: 2.60.0
    Python: 3.11.7`;

test.each<
  [string, { orders?: Record<string, string>; hello?: object; env?: object; nodes?: object[]; says: RegExp }]
>([
  ['no-ray', { env: { PYTHONPATH: '' }, says: /python\S* has no Ray: install it there \(pip install ray\)/ }],
  [
    'no-cluster',
    { hello: { address: '127.0.0.1:1' }, says: /^127\.0\.0\.1:1: nothing answers there \(.+\)$/ },
  ],
  [
    'no-cluster',
    { hello: { address: 'nonsense' }, says: /^nonsense: no address of a Ray cluster: HOST:PORT/ },
  ],
  [
    'client',
    {
      hello: { address: 'ray://10.0.0.1:10001' },
      says: /^ray:\/\/10\.0\.0\.1:10001: Ray's client is not supported/,
    },
  ],
  [
    'client',
    { hello: { address: 'auto' }, env: { RAY_ADDRESS: 'ray://x:1' }, says: /^ray:\/\/x:1: Ray's client/ },
  ],
  [
    'version',
    {
      orders: { init: VERSIONS },
      says: /^the cluster has Ray 2\.40\.0 on Python 3\.10\.1, \S+ has Ray 2\.60\.0 on/,
    },
  ],
  [
    'no-node',
    {
      orders: { init: "Can't find a `node_ip_address.json` file" },
      says: /^this machine is no node of the cluster/,
    },
  ],
  [
    'no-node',
    {
      orders: { gcs: '10.0.0.10 10.0.0.9' },
      says: /is no node of the cluster at \S+ \(10\.0\.0\.9, 10\.0\.0\.10\): add it/,
    },
  ],
  ['failed', { orders: { gcs: 'token' }, says: /wants a token that this user does not have/ }],
  ['failed', { orders: { init: 'something\nelse' }, says: /can't be joined: something else$/ }],
  ['no-gpu', { nodes: [{ id: 'a', address: '10.0.0.1', gpus: 0 }], says: /has no GPU on its 1 node/ }],
  ['failed', { hello: { v: 2 }, says: /the driver speaks protocol 1, the launcher 2/ }],
])('refuses in one line: %s', async (kind, { orders = {}, hello = {}, env = {}, nodes, says }) => {
  const here = await place(nodes);
  for (const [name, text] of Object.entries(orders)) here.order(name, text);
  const ray = here.driver({ hello, env });
  const refused = await ray.next('refused');
  expect(refused['kind']).toBe(kind);
  expect(refused['message']).toMatch(says);
  expect(await ray.ended()).toBe(0);
  expect(ray.heard).toHaveLength(1);
});

test('ships a page, and puts its output in place before it passes on that it is done', async () => {
  const { root, driver, onNode } = await place();
  const [source, tray] = [path.join(root, '001.png'), path.join(root, 'tray')];
  // More than travels in one part.
  const content = Buffer.alloc(5_000_000, 'page');
  writeFileSync(source, content);
  const ray = driver({ hello: { leaseSeconds: 30 } });
  expect(await ray.reserve('g')).toMatchObject({
    node: 'b',
    device: '0',
    cores: expect.any(Number),
    memoryBytes: expect.any(Number),
  });
  await ray.start('s', 'g', COPIES, {
    env: { GIVEN: '~/{home}', PYTHONPATH: '{files}' },
    files: { 'sub/a.py': 'eA==' },
  });
  const ready = JSON.parse(await ray.line('s', 'out', (text) => text.includes('ready')));
  const { PYTHONPATH: files, GIVEN, CUDA_VISIBLE_DEVICES } = ready.env;
  const work = ready.cwd;
  // What the user passes on stays as it is.
  expect([GIVEN, CUDA_VISIBLE_DEVICES]).toEqual(['~/{home}', '0']);
  expect([ready.env.RAY_SECRET, ready.env.OMP_NUM_THREADS]).toEqual([undefined, undefined]);
  expect([path.basename(work), readFileSync(`${files}/sub/a.py`, 'utf8')]).toEqual(['work', 'x']);

  const output = path.join(tray, 'out.png');
  const sizes: (number | undefined)[] = [];
  ray.process.stdout?.on('data', (text) => {
    if (String(text).includes('\\"done\\"'))
      sizes.push(existsSync(output) ? readFileSync(output).length : undefined);
  });
  ray.say(...page('ch/notes.png', { source, output }));
  await ray.line('s', 'out', answers('ch/notes.png'));
  expect(sizes).toEqual([content.length]);
  expect(readFileSync(output).equals(content)).toBe(true);
  expect(readdirSync(tray).sort()).toEqual(['out.png', 'out.png.txt']);
  expect(readFileSync(source).equals(content)).toBe(true);
  // What it says of its files is told as of the launcher's.
  expect(ray.linesOf('s', 'err')).toEqual([`reads ${source}`]);

  // A second page while the first is at work; a page without output; one whose file is not there.
  ray.say(
    ...page('1', { source, output: path.join(tray, '1.png') }),
    ...page('null', { source, output: path.join(tray, '2.png') }),
  );
  ray.say(...page('none', { source, output: path.join(tray, '3.png') }));
  for (const id of ['1', 'null', 'none']) await ray.line('s', 'out', answers(id));
  expect(readdirSync(tray).sort()).toEqual(['1.png', 'out.png', 'out.png.txt']);
  expect(readdirSync(`${work}/in`)).toEqual([]);

  const missing = path.join(root, 'missing.png');
  ray.say(...page('gone', { source: missing, output: path.join(tray, '4.png') }));
  expect(await ray.next('file-failed')).toMatchObject({
    slot: 's',
    id: 'gone',
    where: 'launcher',
    errno: 'ENOENT',
  });
  expect(await ray.line('s', 'out', answers('gone'))).toContain(missing);
  ray.say(...page('5', { source, output: path.join(root, 'no', 'folder', '5.png') }));
  expect(await ray.next('output-failed')).toMatchObject({ slot: 's', id: '5', errno: 'ENOENT' });
  await ray.line('s', 'out', answers('5'));

  ray.say({ type: 'memory', slot: 's', seq: 3 }, { type: 'sample', seq: 4 });
  expect(await ray.next('memory')).toMatchObject({
    slot: 's',
    seq: 3,
    bytes: expect.any(Number),
    deviceBytes: null,
  });
  ray.say({ type: 'eof', slot: 's' });
  expect(await ray.next('exit')).toEqual({ type: 'exit', slot: 's', by: 'exit', code: 0 });
  expect(ray.heard).toContainEqual({
    type: 'sampled',
    seq: 4,
    gpus: [{ gpu: 'g', utilization: null, usedBytes: null, totalBytes: null }],
  });
  expect(await ray.end()).toBe(0);
  expect(onNode()).toEqual([]);
});

test("secrets of a node's environment are taken out of what its workers say, and pages keep their names", async () => {
  const { driver: start } = await place();
  const driver = start({ env: { DB_PASSWORD: 'hunter "2" hunter', LICENCE: 'shown as it is' } });
  await driver.next('hello');
  const says = `import json, os, sys
print("the password is", os.environ["DB_PASSWORD"], os.environ["LICENCE"], file=sys.stderr, flush=True)
print(json.dumps({"type": "failed", "id": os.environ["DB_PASSWORD"], "message": os.environ["DB_PASSWORD"]}), flush=True)`;
  const launch = { argv: [...COPIES.slice(0, 3), says], cwd: null, env: {}, files: {}, device: true };
  driver.say({ type: 'reserve', gpu: 'g', node: 'a' });
  await driver.next('reserved');
  driver.say({ type: 'start', slot: 's', gpu: 'g', launch });
  await driver.next('exit');
  const lines = driver.heard
    .filter(({ type }) => type === 'lines')
    .flatMap((event) => [...(event['out'] as string[]), ...(event['err'] as string[])]);
  expect(lines).toContain('the password is [redacted] shown as it is');
  expect(lines.flatMap((line) => (line.startsWith('{') ? JSON.parse(line) : []))).toEqual([
    { type: 'failed', id: 'hunter "2" hunter', message: '[redacted]' },
  ]);
  expect(await driver.end()).toBe(0);
});

test('answers that are lost lose no line, and repeat none', async () => {
  const { driver, order } = await place();
  const ray = driver();
  await ray.reserve('g');
  await ray.start('s', 'g', COPIES);
  await ray.line('s', 'out', (text) => text.includes('ready'));
  order('lose', '5');
  const ids = Array.from({ length: 12 }, (_, at) => `line-${at}`);
  for (const id of ids) {
    ray.say({ type: 'line', slot: 's', text: JSON.stringify({ type: 'x', id }) });
    await ray.line('s', 'out', answers(id));
  }
  ray.say({ type: 'eof', slot: 's' });
  await ray.next('exit');
  expect(
    ray
      .linesOf('s', 'out')
      .slice(1)
      .map((text) => JSON.parse(text).id),
  ).toEqual(ids);
});

test('tells how a worker ends, after its last line, and why one is not started', async () => {
  const { driver, root } = await place();
  const ray = driver();
  await ray.reserve('g');
  const shell = (script: string) => ray.start('s', 'g', ['sh', '-c', script]);
  await shell(
    String.raw`printf '10%%\r50%%\r100%%\r\nb\303\274\377\n' >&2; head -c 2000000 /dev/zero | tr '\0' x; exit 7`,
  );
  expect(await ray.next('exit')).toEqual({ type: 'exit', slot: 's', by: 'exit', code: 7 });
  expect(ray.linesOf('s', 'err')).toEqual(['100%', 'bü\uFFFD']);
  expect(ray.linesOf('s', 'out')[0]).toMatch(/^x{900000} … \[cut: 1100000 bytes more\]$/);

  // What it left in a session of its own goes with it, and holds nothing up.
  await shell('setsid sleep 61 & echo $!; wait');
  const sleeper = Number(await ray.line('s', 'out', (text) => /^\d+$/.test(text)));
  ray.say({ type: 'signal', slot: 's', signal: 'SIGTERM' });
  expect(await ray.next('exit')).toEqual({ type: 'exit', slot: 's', by: 'signal', signal: 'SIGTERM' });
  expect(isAlive(sleeper)).toBe(false);

  const not = async (launch: object) => {
    ray.say({
      type: 'start',
      slot: 's',
      gpu: 'g',
      launch: { cwd: null, env: {}, files: {}, device: true, ...launch },
    });
    return (await ray.next('not-started'))['message'];
  };
  expect(await not({ argv: ['no-such-program'] })).toBe('no-such-program: not found on this node');
  expect(await not({ argv: ['/no/program'] })).toBe('/no/program: no such file on this node');
  expect(await not({ argv: [root] })).toBe(`${root}: can't be executed on this node`);
  expect(await not({ argv: ['sh'], cwd: '/no/folder' })).toBe('/no/folder: no such folder on this node');
  expect(await not({ argv: ['sh'], files: { '../x.py': '' } })).toContain('no name for a file');
});

test('tells that a GPU is lost after all that came from it; one that is not there is never placed', async () => {
  const { driver, order } = await place();
  const ray = driver({ hello: { leaseSeconds: 8 } });
  for (const [gpu, node] of [
    ['g', 'b'],
    ['h', 'a'],
  ] as const)
    await ray.reserve(gpu, node);
  await ray.start('s', 'g', ['sh', '-c', 'echo here; sleep 60']);
  await ray.line('s', 'out', (text) => text === 'here');
  order('die-0', '');
  const lost = await ray.next('lost');
  expect(lost).toMatchObject({ gpu: 'g', why: 'actor' });
  expect(lost['message']).toBe(
    'the process that held the GPU ended: The actor is dead because its worker process has died.',
  );
  // Commands for what is lost are passed over.
  ray.say({ type: 'eof', slot: 's' }, { type: 'release', gpu: 'g' }, { type: 'memory', slot: 's', seq: 1 });
  expect(await ray.next('memory')).toMatchObject({ bytes: null });

  order('nodes.json', JSON.stringify(TWO_NODES.slice(0, 1)));
  expect(await ray.next('lost')).toEqual({
    type: 'lost',
    gpu: 'h',
    why: 'node',
    message: 'its node is gone',
  });
  ray.say({ type: 'reserve', gpu: 'i', node: 'a' });
  expect(await ray.next('unplaced')).toMatchObject({ gpu: 'i' });
  expect(ray.heard.filter((said: Said) => said.type === 'exit')).toEqual([]);
});

test('a GPU that is taken is waited for; one that is released is free for the next', async () => {
  const { driver, onNode } = await place([{ id: 'a', address: '10.0.0.1', gpus: 1 }]);
  const ray = driver();
  await ray.reserve('g');
  const pid = await ray.start('s', 'g', ['sleep', '60']);
  ray.say({ type: 'reserve', gpu: 'h', node: null }, { type: 'sample', seq: 1 });
  await ray.next('sampled');
  expect(ray.heard.filter((said) => said.type === 'reserved')).toHaveLength(1);
  ray.say({ type: 'release', gpu: 'g' });
  await ray.next('reserved', (said) => said['gpu'] === 'h');
  expect([isAlive(pid), onNode().length]).toEqual([false, 1]);
});

const LEAVES = 'sleep 62 & setsid sleep 63 & echo $$; wait';

/** Two GPUs with a worker each that leaves processes, and what is to be seen of these and of the actors' folders. */
async function withWorkers() {
  const { driver, onNode } = await place();
  const ray = driver();
  const shells: number[] = [];
  for (const slot of ['s', 't']) {
    await ray.reserve(slot);
    shells.push(await ray.start(slot, slot, ['sh', '-c', LEAVES]));
    await ray.line(slot, 'out', (text) => /^\d+$/.test(text));
  }
  const marked = shells.map((pid) => markedAs(pid));
  // The shell has said its number before all that it starts are there.
  await vi.waitFor(() => expect(marked.flatMap((look) => look())).toHaveLength(6));
  return { ray, left: () => [...shells.filter(isAlive), ...marked.flatMap((look) => look()), ...onNode()] };
}

test.each<[string, (ray: RayDriver) => void]>([
  ['the end of stdin', (ray) => ray.process.stdin?.end()],
  ['SIGTERM', (ray) => void ray.process.kill('SIGTERM')],
  [
    'GPUs are released and stdin ends, at once',
    (ray) => ray.process.stdin?.end('{"type":"release","gpu":"s"}\n{"type":"release","gpu":"t"}\n'),
  ],
])('a driver has left no process and no folder when it ends: %s', async (_, end) => {
  const { ray, left } = await withWorkers();
  // Those are for the launcher.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) ray.process.kill(signal);
  end(ray);
  expect(await ray.ended()).toBe(0);
  expect(left()).toEqual([]);
});

test('leaves no process and no folder after SIGKILL: nothing but the guard is left then', async () => {
  const { ray, left } = await withWorkers();
  ray.process.kill('SIGKILL');
  await ray.ended();
  await expect.poll(left, { timeout: 5000, interval: 20 }).toEqual([]);
});

test('sweeps what an actor left that was killed with its guard, and nothing that is in use', async () => {
  const { driver, root, onNode } = await place();
  const first = driver();
  await first.reserve('g');
  await first.start('s', 'g', ['sh', '-c', 'echo up; exec sleep 64']);
  await first.line('s', 'out', (text) => text === 'up');
  const [folder = ''] = onNode();
  const owner = path.join(root, 'node', folder, 'owner.json');
  const said = JSON.parse(readFileSync(owner, 'utf8'));
  mkdirSync(path.join(root, 'node', 'mgpu-ray-left'));
  // Another process with that number was started since.
  writeFileSync(
    path.join(root, 'node', 'mgpu-ray-left', 'owner.json'),
    JSON.stringify({ ...said, mark: 'left.', started: 1 }),
  );
  const second = driver();
  await second.reserve('g');
  expect(onNode()).toContain(folder);
  expect(onNode()).not.toContain('mgpu-ray-left');
  expect(await second.end()).toBe(0);
  expect(onNode()).toEqual([folder]);
  rmSync(owner);
  expect(await first.end()).toBe(0);
});
