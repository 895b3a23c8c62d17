import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { detectGpus } from '../../src/devices/detect.ts';
import { runTool } from '../../src/devices/run-tool.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mgpu-tool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tool = async (script: string) => {
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return { command: 'nvidia-smi', args: ['a b', '$HOME'], env };
};

test('hands over arguments untouched and takes both outputs', async () => {
  const call = await tool('printf "%s|" "$@"; echo oops >&2; exit 9');
  expect(await runTool({ ...call, timeoutMs: 10_000 })).toEqual({
    by: 'exit',
    code: 9,
    stdout: 'a b|$HOME|',
    stderr: 'oops',
  });
});

test('a tool that hangs is given up, with a child that keeps its pipes open', async () => {
  const call = await tool('sleep 61 & wait');
  const started = performance.now();
  expect(await runTool({ ...call, timeoutMs: 300 })).toEqual({ by: 'timeout' });
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a signal ends the call', async () => {
  const call = await tool('sleep 60');
  expect(await runTool({ ...call, timeoutMs: 60_000, signal: AbortSignal.abort() })).toEqual({
    by: 'timeout',
  });
});

test('a name is looked for on PATH first, then in the other folders', async () => {
  const { command, args } = await tool('echo elsewhere');
  const call = { command, args, alsoIn: ['/nowhere', folder], timeoutMs: 10_000 };
  expect(await runTool({ ...call, env: { PATH: '/usr/bin:/bin' } })).toMatchObject({ stdout: 'elsewhere' });
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/nvidia-smi'), '#!/bin/sh\necho first\n', { mode: 0o755 });
  expect(await runTool({ ...call, env: { PATH: join(folder, 'bin') } })).toMatchObject({ stdout: 'first' });
});

test('a machine without any tool is no exception', async () => {
  const { gpus, troubles } = await detectGpus({ run: runTool, env: { PATH: folder } });
  expect(gpus).toEqual([]);
  expect(troubles).toContain('nvidia-smi: not installed');
});
