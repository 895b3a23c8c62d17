import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RayDriver, type Said } from '../ray/driver.ts';

const PYTHON = process.env.MGPU_TEST_PYTHON ?? 'python3';
const STUB = fileURLToPath(new URL('../fixtures/ray_stub', import.meta.url));
const TWO_NODES = [
  { id: 'b', address: '10.0.0.10', gpus: 2 },
  { id: 'a', address: '10.0.0.9', gpus: 1 },
];

let cluster: Server;
let address = '';
beforeAll(async () => {
  cluster = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve));
  const at = cluster.address();
  address = `127.0.0.1:${at !== null && typeof at === 'object' ? at.port : 0}`;
});
afterAll(() => void cluster.close());

/** A folder for the stub's orders, the node's temporary files and the launcher's own. */
async function place(nodes: readonly object[] = TWO_NODES) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mgpu-driver-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const name of ['stub', 'node', 'tray']) mkdirSync(path.join(root, name));
  const order = (name: string, text: string) => writeFileSync(path.join(root, 'stub', name), text);
  order('nodes.json', JSON.stringify(nodes));
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: STUB,
    PYTHONDONTWRITEBYTECODE: '1',
    STUB_RAY: path.join(root, 'stub'),
    TMPDIR: path.join(root, 'node'),
    RAY_SECRET: 'of the actor',
    OMP_NUM_THREADS: '1',
  };
  const driver = (hello: object = {}) =>
    new RayDriver({ python: [PYTHON], env, hello: { address, ...hello } });
  return { root, env, order, driver, onNode: () => readdirSync(path.join(root, 'node')) };
}

/** A worker that says what it is given, and copies it. */
const COPIES = [
  PYTHON,
  '-S',
  '-c',
  `import json, os, shutil, sys
say = lambda message: print(json.dumps(message), flush=True)
say({"type": "ready", "env": dict(os.environ), "cwd": os.getcwd()})
for line in sys.stdin:
    page = json.loads(line)
    if page["type"] != "page": say(page); continue
    print("reads", page["input"], file=sys.stderr, flush=True)
    try:
        if "none" not in page["id"]: shutil.copyfile(page["input"], page["output"])
        if "notes" in page["id"]: open(page["output"] + ".txt", "w").write("notes")
        say({"type": "done", "id": page["id"], **({"output": None} if "null" in page["id"] else {})})
    except OSError as error:
        say({"type": "failed", "id": page["id"], "message": str(error)})`,
];

const page = (id: string, { source, output }: { source: string; output: string }) => [
  { type: 'file', slot: 's', id, source, name: path.basename(source) },
  { type: 'line', slot: 's', text: JSON.stringify({ type: 'page', id, input: source, output }), id, output },
];
const answers = (id: string) => (text: string) =>
  text.includes(`"id": "${id}"`) || text.includes(`"id":"${id}"`);
const isAlive = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const names = (nodes: unknown) => (Array.isArray(nodes) ? nodes.map(({ node }) => node) : nodes);

test('says which nodes there are, the head first, and ends with stdin', async () => {
  const { driver, order } = await place([...TWO_NODES, { id: 'c', address: '10.0.0.2', gpus: 0 }]);
  const ray = driver();
  const hello = await ray.next('hello');
  expect(hello).toMatchObject({ v: 1, ray: '9.9.9', address });
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
  const ray = new RayDriver({ python: [PYTHON], env: { ...here.env, ...env }, hello: { address, ...hello } });
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
  const ray = driver({ leaseSeconds: 30 });
  expect(await ray.reserve('g')).toMatchObject({
    node: 'b',
    device: '0',
    cores: expect.any(Number),
    memoryBytes: expect.any(Number),
  });
  await ray.start('s', 'g', COPIES, {
    env: { GIVEN: '{home}|{work}|{files}|~/x', HERE: '~/x' },
    files: { 'sub/a.py': 'eA==' },
  });
  const ready = JSON.parse(await ray.line('s', 'out', (text) => text.includes('ready')));
  const [home, work, files] = String(ready.env.GIVEN).split('|');
  expect([home, ready.env.HERE, ready.env.CUDA_VISIBLE_DEVICES]).toEqual([
    os.homedir(),
    `${os.homedir()}/x`,
    '0',
  ]);
  expect([ready.env.RAY_SECRET, ready.env.OMP_NUM_THREADS]).toEqual([undefined, undefined]);
  expect([ready.cwd, readFileSync(`${files}/sub/a.py`, 'utf8')]).toEqual([work, 'x']);

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
    gpus: [{ gpu: 'g', utilization: null, usedBytes: null, totalBytes: null, name: null }],
  });
  expect(await ray.end()).toBe(0);
  expect(onNode()).toEqual([]);
});

test("secrets of a node's environment are taken out of what its workers say, and pages keep their names", async () => {
  const { env } = await place();
  const driver = new RayDriver({
    python: [PYTHON],
    env: { ...env, DB_PASSWORD: 'hunter "2" hunter', LICENCE: 'shown as it is' },
    hello: { address },
  });
  await driver.next('hello');
  const says = `import json, os, sys
print("the password is", os.environ["DB_PASSWORD"], os.environ["LICENCE"], file=sys.stderr, flush=True)
print(json.dumps({"type": "failed", "id": os.environ["DB_PASSWORD"], "message": os.environ["DB_PASSWORD"]}), flush=True)`;
  const launch = { argv: [PYTHON, '-S', '-c', says], cwd: null, env: {}, files: {}, device: true };
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
  const ray = driver({ leaseSeconds: 8 });
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
  ray.say({ type: 'reserve', gpu: 'i', node: 'a', device: null });
  expect(await ray.next('unplaced')).toMatchObject({ gpu: 'i' });
  expect(ray.heard.filter((said: Said) => said.type === 'exit')).toEqual([]);
});

test('a GPU that is taken is waited for; one that is released is free for the next', async () => {
  const { driver, onNode } = await place([{ id: 'a', address: '10.0.0.1', gpus: 1 }]);
  const ray = driver();
  await ray.reserve('g');
  const pid = await ray.start('s', 'g', ['sleep', '60']);
  ray.say({ type: 'reserve', gpu: 'h', node: null, device: null }, { type: 'sample', seq: 1 });
  await ray.next('sampled');
  expect(ray.heard.filter((said) => said.type === 'reserved')).toHaveLength(1);
  ray.say({ type: 'release', gpu: 'g' });
  await ray.next('reserved', (said) => said['gpu'] === 'h');
  expect([isAlive(pid), onNode().length]).toEqual([false, 1]);
});

const LEAVES = 'sleep 62 & setsid sleep 63 & echo $$; wait';

test.each<[string, (ray: RayDriver) => void]>([
  ['the end of stdin', (ray) => ray.process.stdin?.end()],
  ['SIGTERM', (ray) => void ray.process.kill('SIGTERM')],
  // Nothing but the guard is left then.
  ['SIGKILL', (ray) => void ray.process.kill('SIGKILL')],
])('leaves no process and no folder after %s', async (_, end) => {
  const { driver, onNode } = await place();
  const ray = driver();
  const shells: number[] = [];
  for (const slot of ['s', 't']) {
    await ray.reserve(slot);
    shells.push(await ray.start(slot, slot, ['sh', '-c', LEAVES]));
    await ray.line(slot, 'out', (text) => /^\d+$/.test(text));
  }
  const marked = markedAs(shells[0] ?? 0);
  expect(marked()).toHaveLength(3);
  // Those are for the launcher.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) ray.process.kill(signal);
  end(ray);
  await ray.ended();
  await expect
    .poll(() => [...shells.filter(isAlive), ...marked(), ...onNode()], { timeout: 5000, interval: 20 })
    .toEqual([]);
});

/** Looks for the processes that bear the mark that this one bears. */
function markedAs(pid: number): () => string[] {
  const variables = (of: string | number): string[] => {
    try {
      return readFileSync(`/proc/${of}/environ`, 'utf8').split('\0');
    } catch {
      return [];
    }
  };
  const mark = variables(pid).find((each) => each.startsWith('MGPU_WORKER_OF=')) ?? 'none';
  return () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && variables(name).includes(mark));
}

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
