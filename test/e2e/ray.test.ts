import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Place } from './rig.ts';
import { pagesTo, warmPlace } from './warm.ts';

const STUB = path.resolve(import.meta.dirname, '../fixtures/ray_stub');
const NODES = [
  { id: 'b', address: '10.0.0.10', gpus: 1 },
  { id: 'a', address: '10.0.0.9', gpus: 2 },
];

/** Copies a page, but never comes to the end of one on the second node. */
const WORKER = `import os, shutil, sys, time
import mgpu_worker
import names

def translate(source, target, page):
    if os.environ["MGPU_SLOT"].startswith(names.HANGS):
        time.sleep(100)
    shutil.copyfile(source, target)
    page.note(os.environ.get("GLOSSARY", "none") + " on " + os.environ["MGPU_GPU"])

mgpu_worker.run(load=lambda: {"translator": "t", "version": "1", "device": "cuda:0"}, translate=translate)
`;

/** Something listens where the cluster is said to be: the stub knows no network. */
async function clusterIn(place: Place, nodes: readonly object[] = NODES) {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  const port = at !== null && typeof at === 'object' ? at.port : 0;
  const order = (text: readonly object[]): Promise<void> =>
    place.write('stub/nodes.json', JSON.stringify(text));
  await order(nodes);
  const env = { PYTHONPATH: STUB, STUB_RAY: place.path('stub'), TMPDIR: place.path('node') };
  await place.write('node/.keep', '');
  return { order, env, engine: `ray:127.0.0.1:${port}` };
}

test('one run over two nodes, of which one is lost: its pages go to the other without an attempt', async () => {
  const place = await warmPlace({ pages: pagesTo(9) });
  await place.write('program/worker.py', WORKER);
  await place.write('program/names.py', 'HANGS = "node2"\n');
  const { order, env, engine } = await clusterIn(place);
  const run = place.start({
    args: ['-t', 'worker:program/worker.py', '--engine', engine, '--pass-env', 'GLOSSARY', '-o', 'out'],
    env: { ...env, GLOSSARY: 'a value' },
  });
  // The head keeps its one GPU; the two of the other node hold a page each.
  await run.event('page-finished');
  for (const slot of ['node2-gpu1-0', 'node2-gpu2-0'])
    await run.event('page-started', (one) => one.slot === slot);
  await order(NODES.slice(0, 1));
  expect(await run.exit).toBe(0);
  const pages = run.of('page-finished');
  expect(pages.map(({ page }) => page).sort()).toEqual(pagesTo(9).sort());
  expect(new Set(pages.map(({ slot, attempt }) => `${slot} ${attempt}`))).toEqual(
    new Set(['node1-gpu0-0 1']),
  );
  expect(pages[0]?.notes).toEqual(['a value on 0']);
  expect(run.of('page-retried')).toEqual([]);
  expect(run.of('node-joined')).toMatchObject([
    { node: 'node1', address: '10.0.0.10', host: 'host-b', gpus: 1 },
    { node: 'node2', address: '10.0.0.9', host: 'host-a', gpus: 2 },
  ]);
  expect(run.of('run-started')[0]).toMatchObject({ slots: [], slotDevices: [] });
  expect(run.of('slot-joined')).toHaveLength(3);
  expect(run.of('node-left')).toMatchObject([{ node: 'node2' }]);
  expect(run.of('slot-retired').map(({ why }) => why)).toEqual(['its node is gone', 'its node is gone']);
  for (const page of pagesTo(9)) expect(existsSync(place.path(`out/${page}`))).toBe(true);
});

test('a full cluster: nothing is begun, and --gpu-wait ends the run; one that is not there is refused', async () => {
  const place = await warmPlace({ pages: pagesTo(2) });
  const { env, engine } = await clusterIn(place, [{ id: 'a', address: '10.0.0.9', gpus: 0 }]);
  const args = ['-t', 'demo', '-o', 'out', '--engine'];
  const waiting = place.start({ args: [...args, engine, '--ray-gpus', '2', '--gpu-wait', '1s'], env });
  const none = place.start({ args: [...args, 'ray:127.0.0.1:1'], env });
  expect(await none.exit).toBe(3);
  expect(none.stderr).toMatch(
    /^error: --engine ray: 127\.0\.0\.1:1: nothing answers there .*\nhint: .*ray start/,
  );
  expect(await waiting.exit).toBe(3);
  expect(waiting.stderr).toContain('no GPU of the Ray cluster was free within 1');
  expect(waiting.of('run-finished')).toMatchObject([{ counts: { left: 2, failed: 0 } }]);
});
