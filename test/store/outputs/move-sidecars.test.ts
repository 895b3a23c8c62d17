import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../../src/model/refusal.ts';
import { FileMover } from '../../../src/store/outputs/file-mover.ts';
import { moveSidecars } from '../../../src/store/outputs/move-sidecars.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const NAMES = ['.hidden', 'log.txt', 'mask/1.txt'];

/** A batch's folder with files beside its outputs, and an output root to move them to. */
async function sidecars({ move }: { readonly move?: () => Promise<void> } = {}) {
  const folder = await tempFolder();
  const [from, outputRoot] = ['work', 'out'].map((name) => path.join(folder, name)) as [string, string];
  await mkdir(path.join(from, 'mask'), { recursive: true });
  await mkdir(outputRoot);
  for (const name of NAMES) await writeFile(path.join(from, name), name);
  const told: string[] = [];
  const ended: unknown[] = [];
  const mover = new FileMover({ outputRoot, tell: (text) => told.push(text) });
  const files = {
    mover: move ? { move, tellOnce: mover.tellOnce.bind(mover) } : mover,
    outputRoot,
    recorder: { isPlaceOfPage: () => false },
    fail: (error: unknown) => ended.push(error),
  };
  return { outputRoot, told, ended, go: () => moveSidecars(files, { from, names: NAMES }) };
}

test('a file beside the outputs that has no place there is told of, and the others are moved', async () => {
  const { outputRoot, told, ended, go } = await sidecars();
  await mkdir(path.join(outputRoot, '.hidden/full'), { recursive: true });
  await go();
  expect(told).toEqual([expect.stringMatching(/^Can't keep \.hidden, a file next to the outputs: /)]);
  expect(ended).toEqual([]);
  expect(await readFile(path.join(outputRoot, 'mask/1.txt'), 'utf8')).toBe('mask/1.txt');
});

test('a disk that has no room ends the run', async () => {
  const full = new Refusal(3, "no space is left: can't write log.txt");
  const { told, ended, go } = await sidecars({ move: () => Promise.reject(full) });
  await go();
  expect(ended[0]).toBe(full);
  expect(told).toEqual([]);
});
