import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place } from './rig.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mgpu-refusing-'));
const library = path.join(folder, 'refusing_disk.so');
beforeAll(() => {
  const source = path.resolve(import.meta.dirname, '../fixtures/refusing_disk.c');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['the gate of the locks', '/lock-gate.'],
  ['the lock', '/.mgpu/lock.'],
  ['the lock of the work folder', '/.mgpu/work.'],
])('a disk that takes the name and not the content of %s is left as it was', async (_what, name) => {
  const place = await Place.make({ gpus: 0 });
  await mkdir(place.path('out/.mgpu'), { recursive: true });
  const run = place.start({
    args: ['-o', 'out', '--gpus', 'cpu'],
    env: { LD_PRELOAD: library, UV_USE_IO_URING: '0', REFUSE: `write:ENOSPC:0:${name}`, REFUSE_IN: 'node' },
  });
  expect(await run.exit).toBe(3);
  expect(run.stderr).toMatch(/no space (is )?left/);
  expect((await readdir(place.path('out/.mgpu'))).filter((file) => /lock|work/.test(file))).toEqual([]);
});
