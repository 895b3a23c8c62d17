import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { drawSamplePages } from '../../src/demo/sample-pages.ts';
import { decodePng } from '../fixtures/png-pixels.ts';

test('draws a dozen whole pages in two chapters, no two alike, and what is there stays as it is', async ({
  onTestFinished,
}) => {
  const root = await mkdtemp(path.join(tmpdir(), 'samples-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const read = (page: string): Promise<Buffer> => readFile(path.join(root, page));
  const pages = await drawSamplePages(root);
  const drawn = await Promise.all(pages.map(read));
  expect(drawn.map((page) => decodePng(page).height)).toEqual(Array(12).fill(1000));
  expect(new Set(drawn.map((page) => page.toString('base64'))).size).toBe(12);

  const [first = '', second = '', ...others] = pages;
  await writeFile(path.join(root, first), 'damaged on purpose');
  await rm(path.join(root, second));
  expect(await drawSamplePages(root)).toEqual(pages);
  expect((await read(first)).toString()).toBe('damaged on purpose');
  expect(await read(second)).toEqual(drawn[1]);
  expect(await Promise.all(others.map(read))).toEqual(drawn.slice(2));
  const there = await readdir(root, { recursive: true });
  expect(there.filter((name) => name.includes('.')).sort()).toEqual(pages.toSorted());
});
