import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { looksCaseFolding } from '../../src/pages/case-folding.ts';
import { probeCaseFolding } from '../../src/pages/output-name.ts';
import { fill, tempFolder } from './temp-folder.ts';

test('says what the probe says, without writing', async () => {
  const folder = await tempFolder();
  await fill(folder, ['Some Page.png']);
  expect(await looksCaseFolding(folder)).toBe(await probeCaseFolding(folder));
});

test('of a folder that is not there, or empty, the one above tells', async () => {
  const folder = await tempFolder();
  await mkdir(path.join(folder, 'Above/empty'), { recursive: true });
  const probed = await probeCaseFolding(folder);
  expect(await looksCaseFolding(path.join(folder, 'Above/empty'))).toBe(probed);
  expect(await looksCaseFolding(path.join(folder, 'Above/not/there'))).toBe(probed);
});
