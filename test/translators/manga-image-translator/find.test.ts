import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { findProgram } from '../../../src/model/find-program.ts';
import {
  findMangaImageTranslator,
  modelsMissing,
} from '../../../src/translators/manga-image-translator/find.ts';

const CHECKOUT = join(import.meta.dirname, '../../fixtures/fake-manga-translator');
const env = { PATH: process.env.PATH };
let root: string;
let python: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'find-'));
  python = (await findProgram('python3', env, root)) ?? '';
  return () => rmSync(root, { recursive: true, force: true });
});

const find = (wanted: string | undefined, cwd = root, more: NodeJS.ProcessEnv = {}) =>
  findMangaImageTranslator({ wanted, cwd, python, env: { ...env, ...more } });

test('takes the checkout that was named, or its package', async () => {
  expect(await find(CHECKOUT)).toEqual({ root: CHECKOUT, checkout: CHECKOUT, from: 'given' });
  expect(await find('manga_translator', CHECKOUT)).toEqual({
    root: CHECKOUT,
    checkout: CHECKOUT,
    from: 'given',
  });
});

test('else that of the current folder', async () => {
  expect(await find(undefined, CHECKOUT)).toMatchObject({ checkout: CHECKOUT, from: 'current folder' });
  expect(await find('manga-image-translator', CHECKOUT)).toMatchObject({ from: 'current folder' });
});

test('else the one that the chosen Python would import, without running a line of it', async () => {
  mkdirSync(join(root, 'site/manga_translator'), { recursive: true });
  writeFileSync(join(root, 'site/manga_translator/__init__.py'), 'raise SystemExit("imported")');
  const found = await find(undefined, root, { PYTHONPATH: join(root, 'site') });
  expect(found).toEqual({ root: join(root, 'site'), from: 'python' });
});

test('else there is none', async () => {
  expect(await find(undefined)).toBeUndefined();
  await expect(find('manga-image-translator')).rejects.toThrow('was not found');
  await expect(find('nowhere')).rejects.toThrow('--translator nowhere: no manga_translator package');
});

test('models are missing where there are none, or an unfinished one', async () => {
  const models = join(root, 'models');
  expect(await modelsMissing(models)).toBe(true);
  mkdirSync(join(models, 'detection'), { recursive: true });
  expect(await modelsMissing(models)).toBe(true);
  writeFileSync(join(models, 'detection/detect-20241225.ckpt'), '');
  expect(await modelsMissing(models)).toBe(false);
  writeFileSync(join(models, 'inpainting.ckpt.part'), '');
  expect(await modelsMissing(models)).toBe(true);
});
