import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { waitingForNone } from '../../../src/store/archives/waiting-for-none.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

async function folderWith(names: readonly string[]): Promise<string> {
  const root = await tempFolder();
  for (const name of names) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), '');
  }
  return root;
}

test('pages of archives that are gone are told, and no others', async () => {
  const output = await folderWith(
    ['a.cbz/1.png', 'sub/b.zip/c/1.png', 'sub/b.zip/c/2.png', 'x.cbz/in.cbz/1.png', 'here.cbz/1.png'].map(
      (name) => `.mgpu/archives/${name}`,
    ),
  );
  const here = await folderWith(['here.cbz', 'a.cbz', 'sub/b.zip', 'x.cbz/in.cbz']);
  expect(await waitingForNone(output, here)).toBeUndefined();
  expect(await waitingForNone(output, await folderWith(['a.cbz', 'here.cbz', 'x.cbz/in.cbz']))).toMatch(
    /^2 finished pages wait for sub\/b\.zip, not found in .*: they are used when the archive is back/,
  );
  expect(await waitingForNone(output, await folderWith(['here.cbz', 'x.cbz/in.cbz']))).toMatch(
    /^3 finished pages wait for a\.cbz and 1 more archive, .*remove .*\.mgpu\/archives\.$/,
  );
});

test('nothing waits where nothing was packed', async () => {
  expect(await waitingForNone(await tempFolder(), await tempFolder())).toBeUndefined();
});
