import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/pages/make-folder.ts';
import { RefusedName } from '../../src/pages/refused-name.ts';
import { tempFolder } from './temp-folder.ts';

const both = [
  ['waiting', makeFolder],
  ['blocking', async (folder: string) => makeFolderSync(folder)],
] as const;

test('says which folder was the first that had to be made', async () => {
  const root = await tempFolder();
  expect(await makeFolder(path.join(root, 'a/b/c'))).toBe(path.join(root, 'a'));
  expect(await makeFolder(path.join(root, 'a/b/c'))).toBeUndefined();
  expect(await makeFolder(path.join(root, 'a/b/d'))).toBe(path.join(root, 'a/b/d'));
  expect(await makeFolder('/')).toBeUndefined();
});

test.each(both)('%s: makes what is missing, beside others who do so', async (_, make) => {
  const root = await tempFolder();
  await Promise.all([1, 2, 3].map((n) => make(path.join(root, `x/y/${n}`))));
  expect(readdirSync(path.join(root, 'x/y'))).toEqual(['1', '2', '3']);
});

test.each(both)('%s: what is in the way is told', async (_, make) => {
  const root = await tempFolder();
  writeFileSync(path.join(root, 'file'), '');
  symlinkSync('nowhere', path.join(root, 'link'));
  await expect(make(path.join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(make(path.join(root, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(make(path.join(root, 'link'))).rejects.toMatchObject({ code: 'EEXIST' });
});

test.each(both)('%s: a name that the disk refuses is told', async (_, make) => {
  const long = 'x'.repeat(300);
  const root = await tempFolder();
  const made = make(path.join(root, `new/${long}/below`));
  await expect(made).rejects.toBeInstanceOf(RefusedName);
  await expect(made).rejects.toThrow(`the disk takes no names of 300 bytes (${long})`);
});

// Node's own recursive mkdir never returns here.
test.runIf(existsSync('/proc/self')).each(both)('%s: comes to an end in /proc', async (_, make) => {
  await expect(make('/proc/none/a/b')).rejects.toMatchObject({ name: 'RefusedName', path: '/proc/none' });
});

test('leaves nothing behind where a folder below can not be made', async () => {
  const root = await tempFolder();
  await expect(makeFolder(path.join(root, `a/b/${'x'.repeat(300)}`))).rejects.toThrow();
  expect(readdirSync(root)).toEqual([]);
});
