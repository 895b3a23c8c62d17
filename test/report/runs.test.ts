import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepLastRuns } from '../../src/report/runs.ts';

test('keeps the last runs and those still going', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runs-'));
  for (let n = 10; n < 24; n += 1) await mkdir(join(folder, `2025-01-${n}`, 'logs'), { recursive: true });
  await writeFile(join(folder, '0-notes.txt'), 'mine');
  await keepLastRuns({ folder, going: ['2025-01-11'] });
  const left = Array.from({ length: 10 }, (_, n) => `2025-01-${14 + n}`);
  expect((await readdir(folder)).sort()).toEqual(['0-notes.txt', '2025-01-11', ...left]);
});

test('a folder that is not there is no trouble', async () => {
  await expect(keepLastRuns({ folder: '/nowhere/at/all', going: [] })).resolves.toBeUndefined();
});
