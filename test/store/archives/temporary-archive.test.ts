import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Part } from '../../../src/model/part.ts';
import { removeDeadTemporaries, temporaryFile } from '../../../src/store/archives/temporary-archive.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const FIRST: Part = { index: 1, of: 2 };
const SECOND: Part = { index: 2, of: 2 };
const OF_THREE: Part = { index: 2, of: 3 };

test.each<[who: string, part: Part | undefined, stays: readonly (Part | undefined)[]]>([
  ['a whole run', undefined, []],
  ['a part', FIRST, [SECOND]],
])('%s removes archives that no other run can be writing, and nothing else', async (_who, part, stays) => {
  const root = await tempFolder();
  const others = ['archive-notes.part', 'archive-0123456789abcdef.part.txt', 'ledger.ndjson'].map((name) =>
    path.join(root, '.mgpu', name),
  );
  const of = (whose: Part | undefined): string => temporaryFile(root, 'gone.cbz', whose);
  await mkdir(path.join(root, '.mgpu/archives/archive-0123456789abcdef.part'), { recursive: true });
  for (const file of [...[undefined, FIRST, SECOND, OF_THREE].map(of), ...others]) await writeFile(file, '');
  await removeDeadTemporaries(root, part);
  const left = [...others, ...stays.map(of), path.join(root, '.mgpu/archives')];
  expect((await readdir(path.join(root, '.mgpu'))).sort()).toEqual(
    left.map((file) => path.basename(file)).sort(),
  );
});

test('a folder that is not there, or has nothing of the kind, is left alone', async () => {
  const root = await tempFolder();
  await removeDeadTemporaries(root, undefined);
  expect(await readdir(root)).toEqual([]);
});
