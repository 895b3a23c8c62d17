import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { filesIn, leftPlaces } from '../../../src/store/outputs/left-outputs.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

test('an output in a folder of the output folder is no output of a page in a folder of that name', async () => {
  const folder = await tempFolder();
  const batch = new BatchFolder(folder);
  const pages = ['1.png', 'in/1.png'].map((id) => ({ id, path: path.join('/pages', id) }));
  for (const made of ['out/in/1.png', 'out/in/in/1.png', 'out/2.png']) {
    await mkdir(path.dirname(path.join(folder, made)), { recursive: true });
    await writeFile(path.join(folder, made), 'made');
  }
  const stamps = new Map(pages.map(({ id }) => [id, { bytes: 4, mtimeMs: 1 }]));
  const record = { v: 1 as const, options: '', outputs: 'out/in', stamps, names: new Map() };
  const leaver = {
    outputsOf: ({ output }: { readonly output: string }) => `${output}/in`,
    outputsAmongPages: undefined,
  };
  const left = { batch, record, pages, leaver };
  const found: [string, string[]][] = [];
  for (const place of leftPlaces(left))
    found.push([path.relative(folder, place.folder), (await filesIn(place, left)).sort()]);
  expect(found).toEqual([
    ['out/in', ['1.png', 'in/1.png']],
    ['out', ['2.png']],
    ['in-translated', []],
  ]);
});
