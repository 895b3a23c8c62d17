import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { looksCaseFolding } from '../../src/pages/case-folding.ts';
import { probeFolding } from '../../src/pages/output-name.ts';
import { fill, tempFolder } from './temp-folder.ts';

test('says what the probe says, without writing', async () => {
  const folder = await tempFolder();
  await fill(folder, ['Some Page.png']);
  expect(await looksCaseFolding(folder)).toBe((await probeFolding(folder)) === 'all');
});

test('of a folder that is not there, or empty, the one above tells', async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, 'Above/empty'), { recursive: true });
  const probed = (await probeFolding(folder)) === 'all';
  expect(await looksCaseFolding(path.join(folder, 'Above/empty'))).toBe(probed);
  expect(await looksCaseFolding(path.join(folder, 'Above/not/there'))).toBe(probed);
});
