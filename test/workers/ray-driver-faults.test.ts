import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { answers, COPIES, listensAtCluster, page, stubPlace } from '../fixtures/ray-stub.ts';
import type { RayDriver } from '../ray/driver.ts';

const addressOf = listensAtCluster();

/** A driver, changed by lines of Python, with a worker that copies; and two pages. */
async function copying(change: string, hello: object = {}) {
  const place = await stubPlace(addressOf());
  const source = path.join(place.root, '001.png');
  writeFileSync(source, 'page');
  const tray = path.join(place.root, 'tray');
  const ray = place.driver({ change, hello });
  await ray.reserve('g');
  await ray.start('s', 'g', COPIES);
  await ray.line('s', 'out', (text) => text.includes('ready'));
  const output = path.join(tray, 'out.png');
  return { ...place, ray, source, tray, output };
}

const typesOf = (ray: RayDriver, type: string) => ray.heard.filter((said) => said.type === type);

test('a disk that takes no output, not even its removal: the page is answered, and the GPU stays of use', async () => {
  const { ray, source, output } = await copying(`
import errno, ray_page_bytes, types
def stale(*_, **__):
    raise OSError(errno.ESTALE, "Stale file handle")
ray_page_bytes.open = lambda *_, **__: types.SimpleNamespace(write=stale, close=stale)
ray_page_bytes.os = types.SimpleNamespace(**dict(vars(os), unlink=stale))`);
  ray.say(...page('1', { source, output }));
  expect(await ray.next('output-failed')).toMatchObject({ slot: 's', id: '1', errno: 'ESTALE' });
  await ray.line('s', 'out', answers('1'));
  ray.say({ type: 'eof', slot: 's' });
  expect(await ray.next('exit')).toMatchObject({ code: 0 });
  expect(await ray.end()).toBe(0);
});

test('a fault while an event is passed on holds up none of those behind it', async () => {
  const { ray, source, output } = await copying(`
import ray_page_bytes
def fault(*_):
    raise RuntimeError("of a test")
ray_page_bytes.SlotOutputs.take = fault`);
  ray.say(...page('1', { source, output }));
  expect((await ray.next('warning'))['message']).toContain("RuntimeError('of a test')");
  await ray.line('s', 'out', answers('1'));
  ray.say({ type: 'signal', slot: 's', signal: 'SIGKILL' });
  expect(await ray.next('exit')).toMatchObject({ signal: 'SIGKILL' });
});

test('a fault of what serves a worker, or a GPU, is told as the loss of the GPU', async () => {
  const { ray, onNode } = await copying(`
import ray_lane
async def fault(*_):
    raise RuntimeError("of a test")
ray_lane.Lane._bring = fault`);
  ray.say({ type: 'file', slot: 's', id: '1', source: '/1.png', name: '1.png' });
  expect(await ray.next('lost')).toMatchObject({ gpu: 'g', why: 'actor' });
  expect(await ray.end()).toBe(0);
  expect(onNode()).toEqual([]);
});

test('a disk of the launcher that hangs holds up its page alone: no line before it, no signal, no end of stdin', async () => {
  const { ray, source, output, tray } = await copying(`
import ray_lane, threading
opened = ray_lane.open_input
ray_lane.open_input = lambda path: threading.Event().wait() if "hangs" in path else opened(path)`);
  const hangs = (id: string) => page(id, { source: '/hangs.png', output: path.join(tray, id) });
  // A page, and at once the files of the next ones, which are never read.
  const others = Array.from({ length: 20 }, (_, at) => hangs(`other-${at}`)[0] ?? {});
  ray.say(...page('1', { source, output }), ...hangs('2').slice(0, 1), ...others);
  await ray.line('s', 'out', answers('1'));
  // It goes elsewhere: another page comes.
  ray.say({ type: 'forget', slot: 's', id: '2' }, ...page('3', { source, output }), {
    type: 'eof',
    slot: 's',
  });
  await ray.line('s', 'out', answers('3'));
  expect(await ray.next('exit')).toMatchObject({ slot: 's', code: 0 });
  await ray.start('t', 'g', COPIES);
  ray.say(
    ...hangs('4').map((message) => ({ ...message, slot: 't' })),
    { type: 'eof', slot: 't' },
    { type: 'signal', slot: 't', signal: 'SIGTERM' },
  );
  expect(await ray.next('exit')).toMatchObject({ slot: 't', signal: 'SIGTERM' });
  expect(await ray.end()).toBe(0);
});

test('what is not whole of an output can not be removed: the driver goes on', async () => {
  const { ray } = await copying(`
import ray_page_bytes, threading
ray_page_bytes.SlotOutputs.drop = lambda _: threading.Event().wait()`);
  ray.say({ type: 'eof', slot: 's' });
  await ray.next('exit');
  await ray.start('t', 'g', COPIES);
});

test('a file that was brought and is not needed goes from the node', async () => {
  const { ray, source, output } = await copying('');
  const ready = JSON.parse(ray.linesOf('s', 'out')[0] ?? '');
  const [file = {}] = page('1', { source, output });
  ray.say(file, { type: 'forget', slot: 's', id: '1' }, ...page('2', { source, output }));
  await ray.line('s', 'out', answers('2'));
  await expect.poll(() => readdirSync(path.join(ready.cwd, 'in'))).toEqual([]);
  ray.say(file, ...page('1', { source, output }).slice(1));
  await ray.line('s', 'out', answers('1'));
  expect(readFileSync(output, 'utf8')).toBe('page');
});

test('polls that fail are asked for again with a pause and one warning; a GPU for which they all fail is lost', async () => {
  const { ray, order } = await copying(`
import ray_reservation
ray_reservation.AGAIN_SECONDS = 0.01`);
  order('fail', 'poll');
  ray.say({ type: 'line', slot: 's', text: '{"type":"x","id":"x"}' });
  expect((await ray.next('warning'))['message']).toContain('the object store is full');
  expect(await ray.next('lost')).toMatchObject({
    gpu: 'g',
    why: 'actor',
    message: expect.stringContaining('the object store is full'),
  });
  expect(typesOf(ray, 'warning')).toHaveLength(1);
});

test('an actor that is gone after the driver was silent for its lease has ended by that, not by its page', async () => {
  const { ray, order } = await copying(
    `
import ray_clock
slept, awake = lambda: os.path.exists(os.environ["STUB_RAY"] + "/slept"), ray_clock.now
ray_clock.now = lambda: awake() + (60 if slept() else 0)`,
    { leaseSeconds: 8 },
  );
  await ray.reserve('h');
  order('slept', '');
  order('die-0', '');
  const message = 'the launcher was not heard for 8 s';
  expect(await ray.next('lost')).toEqual({ type: 'lost', gpu: 'g', why: 'lease', message });
  // The other one has been heard since.
  await ray.start('t', 'h', COPIES);
  ray.say({ type: 'line', slot: 't', text: '{"type":"x","id":"x"}' });
  await ray.line('t', 'out', (text) => text.includes('"x"'));
  ray.say({ type: 'line', slot: 't', text: '{"type":"x","id":"y"}' });
  await ray.line('t', 'out', (text) => text.includes('"y"'));
  order('die-1', '');
  expect(await ray.next('lost')).toMatchObject({ gpu: 'h', why: 'actor' });
});

test('an actor that got its GPU and ended by its lease while the driver slept is made anew', async () => {
  const { ray, order } = await copying(`
import ray_clock
new_actor, awake, slept = ray_driver.Driver.new_actor, ray_clock.now, []
def sleep_then(driver, node):
    slept.append(60)
    return new_actor(driver, node)
ray_driver.Driver.new_actor = sleep_then
ray_clock.now = lambda: awake() + sum(slept)`);
  order('die-1', '');
  await ray.reserve('h');
  expect(typesOf(ray, 'unplaced')).toEqual([]);
});

test('a page that can not be handed over is told of, and holds up no command behind it', async () => {
  const { ray, source } = await copying('');
  ray.say(
    { type: 'line', slot: 's', text: JSON.stringify({ type: 'page', id: '1', input: source }), id: '1' },
    { type: 'line', slot: 's', text: JSON.stringify({ type: 'x', id: '2' }) },
    { type: 'file', slot: 's', id: '3', source, name: 'no/name' },
  );
  expect(await ray.next('file-failed')).toMatchObject({ slot: 's', id: '1', where: 'node' });
  ray.say({ type: 'signal', slot: 's', signal: 'SIGTERM' });
  await ray.next('exit');
  expect(typesOf(ray, 'warning')).toEqual([]);
});

test('a path that this Python can not name is a file that failed', async () => {
  const { ray } = await copying('');
  ray.say(
    { type: 'file', slot: 's', id: '1', source: '/a\0b.png', name: 'b.png' },
    { type: 'signal', slot: 's', signal: 'SIGKILL' },
  );
  expect(await ray.next('file-failed')).toMatchObject({ id: '1', where: 'launcher', errno: null });
  expect(await ray.next('exit')).toMatchObject({ signal: 'SIGKILL' });
});

test('paths are UTF-8 in whatever locale the driver was started; the guard has what its Python needs to start', async () => {
  const { root, driver } = await stubPlace(addressOf());
  const env = { LC_ALL: 'C', PYTHONUTF8: '0', PYTHONCOERCECLOCALE: '0', LD_LIBRARY_PATH: '/no/library' };
  const ray = driver({ env: { ...env, MGPU_WORKER_OF: 'another.1.' } });
  const [source, output] = [path.join(root, '漫.png'), path.join(root, 'tray', '画.png')];
  writeFileSync(source, 'page');
  await ray.reserve('g');
  await ray.start('s', 'g', COPIES);
  ray.say(...page('1', { source, output }));
  await ray.line('s', 'out', answers('1'));
  expect(readFileSync(output, 'utf8')).toBe('page');
  const guards = readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || !read(`/proc/${pid}/cmdline`).includes(`${root}/node`)) return [];
    return [read(`/proc/${pid}/environ`).split('\0')];
  });
  expect(guards).toHaveLength(1);
  expect(guards[0]).toContain('LD_LIBRARY_PATH=/no/library');
  expect(guards[0]?.filter((variable) => variable.startsWith('MGPU_WORKER_OF='))).toEqual([]);
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

test('of workers that have ended nothing is kept', async () => {
  const { ray } = await copying(`
async def count(driver, seq):
    held = driver._reservations["g"]
    count = [len(each) for each in (driver._lanes, held._lanes, held._actor._object._workers)]
    driver.launcher.say("sampled", seq=seq, count=count + [len(held._actor._object._repeats._begun) < 3])
ray_driver.Driver._tell_sample = count`);
  for (let at = 0; at < 5; at += 1) {
    await ray.start(`s.${at}`, 'g', ['true']);
    await ray.next('exit');
  }
  ray.say({ type: 'start', slot: 'no', gpu: 'g', launch: { argv: ['no-such-program'] } });
  await ray.next('not-started');
  // The end of the last one is received by the poll behind it.
  await expect
    .poll(async () => {
      ray.say({ type: 'sample', seq: 1 });
      return (await ray.next('sampled'))['count'];
    })
    .toEqual([1, 1, 1, true]);
});

test("folders of the node stand in the launcher's own words alone", async () => {
  const { driver } = await stubPlace(addressOf());
  const ray = driver();
  await ray.reserve('g');
  const home = os.homedir();
  const print = 'printf "%s\\n" "$0" "$@" "$PWD" "$GIVEN"; sleep 60';
  const argv = ['sh', '-c', print, '{files}/a.py', '~/own', 'Hello {home}', '~/user', '{work}'];
  const files = { 'a.py': '' };
  await ray.start('s', 'g', argv, {
    placed: [0, 1, 2, 3, 4, 5],
    cwd: '~',
    files,
    env: { GIVEN: '~/{files}' },
  });
  await ray.line('s', 'out', (text) => text === '~/{files}');
  const [worker, ...rest] = ray.linesOf('s', 'out');
  expect(worker).toMatch(/^\/.*\/files\/a\.py$/);
  expect(rest).toEqual([`${home}/own`, 'Hello {home}', '~/user', '{work}', home, '~/{files}']);
});

test.each([
  ['Ray could not be imported by', 'ray_cluster.import_ray'],
  ['did not take this driver', 'ray_cluster.join'],
  ['did not list its nodes', 'ray_cluster.nodes_of'],
])('a cluster that does not answer is refused within bounds: %s', async (words, name) => {
  const { driver } = await stubPlace(addressOf());
  const change = `
import ray_cluster, ray_connect, threading
ray_connect.CONNECT_SECONDS = 0.3
${name} = lambda *_: threading.Event().wait()`;
  const ray = driver({ change });
  expect(await ray.next('refused')).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining(words),
  });
  expect(await ray.ended()).toBe(0);
});
