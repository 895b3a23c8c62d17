import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Claims, outputNameOf, probeFolding, stemOf } from '../../src/pages/output-name.ts';
import { tempFolder } from './temp-folder.ts';

test.each([
  ['ch1/001.png', 'ch1/001', 'ch1/001.webp'],
  ['v1.5/001', 'v1.5/001', 'v1.5/001.webp'],
  ['a.b.PNG', 'a.b', 'a.b.webp'],
  ['x/.png', 'x/.png', 'x/.png.webp'],
  ['-\n.jpg', '-\n', '-\n.webp'],
])('names the output of %j', (id, stem, asWebp) => {
  expect(stemOf(id)).toBe(stem);
  expect(outputNameOf(id)).toBe(id);
  expect(outputNameOf(id, 'webp')).toBe(asWebp);
});

test('gives a path to the first that claims it', () => {
  const claims = new Claims();
  expect(claims.claim('a.webp', 'a.png', 'none')).toBeUndefined();
  expect(claims.claim('a.webp', 'a.jpg', 'none')).toBe('a.png');
  expect(claims.claim('a.webp', 'a.png', 'none')).toBeUndefined();
  expect(claims.claim('A.webp', 'A.png', 'none')).toBeUndefined();
});

test('takes capitals and small letters for one where the file system does', () => {
  const claims = new Claims();
  claims.claim('Caf\u00e9.png', 'Café.png', 'all');
  expect(claims.claim('CAFE\u0301.PNG', 'other', 'all')).toBe('Café.png');
});

test('leaves nothing of its probe behind', async () => {
  const folder = await tempFolder();
  expect(await probeFolding(folder)).toBe(process.platform === 'darwin' ? 'all' : 'none');
  expect(await readdir(folder)).toEqual([]);
});

test('a probe that a killed run left is used and removed, and probes at one time agree', async () => {
  const folder = await tempFolder();
  for (const name of ['.mgpu-case', '.mgpu-form-\u00e9']) await writeFile(path.join(folder, name), '');
  const alone = await probeFolding(folder);
  expect(await readdir(folder)).toEqual([]);
  const together = await Promise.all(Array.from({ length: 8 }, () => probeFolding(folder)));
  expect(together).toEqual(together.map(() => alone));
  expect(await readdir(folder)).toEqual([]);
});
