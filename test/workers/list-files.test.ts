import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listFiles } from '../../src/workers/output-names.ts';
import { tempFolder } from '../pages/temp-folder.ts';

test('files that a link on the way leads to are not in a folder', async () => {
  const folder = await tempFolder();
  const at = (name: string): string => path.join(folder, name);
  await mkdir(at('elsewhere/b/c'), { recursive: true });
  await mkdir(at('batch/real/b/c/d'), { recursive: true });
  await writeFile(at('elsewhere/b/c/1.png'), '');
  await writeFile(at('batch/real/b/c/d/1.png'), '');
  await symlink(at('elsewhere'), at('batch/a'));
  expect(await listFiles(at('batch/a/b/c'), at('batch'))).toEqual([]);
  expect(await listFiles(at('batch/a/b'))).toEqual([]);
  expect(await listFiles(at('batch/real/b/c'), at('batch'))).toEqual(['d/1.png']);
  // What is above it is the launcher's own.
  await symlink(at('batch'), at('alias'));
  expect(await listFiles(at('alias/real/b/c'), at('alias/real'))).toEqual(['d/1.png']);
});
