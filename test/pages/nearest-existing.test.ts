import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { nearestExisting, nearestFolder } from '../../src/pages/nearest-existing.ts';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'nearest-')));
  await mkdir(path.join(root, 'there'));
  await writeFile(path.join(root, 'there/file'), '');
  return () => rm(root, { recursive: true, force: true });
});

test('finds what is there itself, or above it', async () => {
  const there = path.join(root, 'there');
  expect((await nearestExisting(there)).path).toBe(there);
  expect((await nearestExisting(path.join(there, 'a/b/c'))).path).toBe(there);
  const file = await nearestExisting(path.join(there, 'file/below'));
  expect([file.path, file.stats?.isFile()]).toEqual([path.join(there, 'file'), true]);
});

test('a file is no folder', async () => {
  expect(await nearestFolder(path.join(root, 'there/file/below'))).toBe(path.join(root, 'there'));
  expect(await nearestFolder('/nowhere/at/all')).toBe('/');
});
