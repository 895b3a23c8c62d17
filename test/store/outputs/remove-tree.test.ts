import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { removeTree } from '../../../src/store/outputs/remove-tree.ts';

let root: string;
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'remove-tree-'));
  return async () => {
    vi.unstubAllEnvs();
    await fs.rm(root, { recursive: true, force: true });
  };
});

const isThere = (name: string): Promise<boolean> =>
  fs.access(path.join(root, name)).then(
    () => true,
    () => false,
  );

/** A folder in which each of so many folders has a file and a link to what must stay. */
async function make(folders: number): Promise<string> {
  await fs.mkdir(path.join(root, 'kept'), { recursive: true });
  await fs.writeFile(path.join(root, 'kept/page.png'), '');
  const tree = path.join(root, 'tree');
  for (let n = 0; n < folders; n += 1) {
    const folder = path.join(tree, `${n}`, 'in');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, 'page.png'), '');
    await fs.symlink(path.join(root, 'kept'), path.join(folder, 'link'));
  }
  return tree;
}

test.each([
  ['a few entries', 16, process.env.PATH],
  ['many entries', 17, process.env.PATH],
  ['many entries where there is no rm', 17, '/nowhere'],
])('removes %s; what links lead to stays', async (_what, folders, PATH = '') => {
  const tree = await make(folders);
  vi.stubEnv('PATH', PATH);
  await removeTree(tree);
  expect(await isThere('tree')).toBe(false);
  expect(await isThere('kept/page.png')).toBe(true);
});

test('a process is started for many entries, and none for a few', async () => {
  const bin = path.join(root, 'bin');
  await fs.mkdir(bin);
  await fs.writeFile(path.join(bin, 'rm'), `#!/bin/sh\necho "$3" >> '${root}/removed'\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  await removeTree(await make(16));
  expect(await isThere('removed')).toBe(false);
  const many = await make(17);
  await removeTree(many);
  expect(await fs.readFile(path.join(root, 'removed'), 'utf8')).toBe(`${many}\n`);
});

test('an empty folder, and none at all', async () => {
  await fs.mkdir(path.join(root, 'empty'));
  await removeTree(path.join(root, 'empty'));
  await removeTree(path.join(root, 'gone'));
  expect(await fs.readdir(root)).toEqual([]);
});
