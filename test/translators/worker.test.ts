import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { WorkerTranslator } from '../../src/translators/worker/worker.ts';
import { tempFolder } from '../pages/temp-folder.ts';

const SLOT = { id: 'cpu-0', gpu: null };

/** The file that a worker's `import mgpu_worker` finds. */
async function imported(files: readonly string[], pythonPath?: string): Promise<string> {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, 'my_worker.py'), 'import mgpu_worker\nprint(mgpu_worker.__file__)\n');
  for (const file of files) {
    await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
    await writeFile(path.join(cwd, file), '');
  }
  const worker = new WorkerTranslator({
    file: path.join(cwd, 'my_worker.py'),
    python: 'python3',
    args: [],
    cwd,
    format: undefined,
    pythonPath: pythonPath && path.join(cwd, pythonPath),
  });
  const { file, args, env } = worker.command(SLOT);
  const said = execFileSync(file, [...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  return path.relative(cwd, said.trim());
}

test('a worker needs no copy of the library; its own, and what the user has on PYTHONPATH, come first', async () => {
  expect(await imported([])).toMatch(/python\/mgpu_worker\.py$/);
  expect(await imported([], 'mine')).toMatch(/python\/mgpu_worker\.py$/);
  expect(await imported(['mine/mgpu_worker.py'], 'mine')).toBe('mine/mgpu_worker.py');
  expect(await imported(['mgpu_worker.py', 'mine/mgpu_worker.py'], 'mine')).toBe('mgpu_worker.py');
});
