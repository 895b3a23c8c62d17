import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepLastRuns, listRuns, partOfRun } from '../../src/store/runs.ts';

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

test('counts the runs of each part by themselves: one part never deletes the run of another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runs-'));
  const names = ['2025-01-01-abcd-part-1-of-12', '2025-01-02-abcd', '2025-01-03-abcd-part-2-of-12'];
  for (const name of [...names, '2025-01-04-efgh-part-2-of-12']) await mkdir(join(folder, name));
  await keepLastRuns({ folder, going: [], keep: 1 });
  expect(await listRuns(folder)).toEqual([
    '2025-01-01-abcd-part-1-of-12',
    '2025-01-02-abcd',
    '2025-01-04-efgh-part-2-of-12',
  ]);
  expect(partOfRun(names[0] ?? '')).toEqual({ index: 1, of: 12 });
  expect(partOfRun('2025-01-02-abcd')).toBeUndefined();
});
