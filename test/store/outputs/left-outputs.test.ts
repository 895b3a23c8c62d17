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

test('pages that a program wrote over are outputs where it was seen to make them so', async () => {
  const folder = await tempFolder();
  const batch = new BatchFolder(folder);
  const pages = ['1.png', '2.png'].map((id) => ({ id, path: path.join(folder, 'pages', id) }));
  const written = { 'pages/1.png': 'one', 'pages/2.png': 'two', 'in/1.png': 'made', 'in/2.png': 'two' };
  for (const [name, content] of Object.entries(written)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  const stamps = new Map(pages.map(({ id }) => [id, { bytes: 3, mtimeMs: 1 }]));
  const leaver = {
    outputsOf: ({ output }: { readonly output: string }) => output,
    outputsAmongPages: undefined,
  };
  const foundWith = async (overInput: boolean): Promise<string[]> => {
    const record = { v: 1 as const, options: '', stamps, names: new Map(), ...(overInput && { overInput }) };
    const left = { batch, record, pages, leaver };
    return (await Promise.all(leftPlaces(left).map((place) => filesIn(place, left)))).flat();
  };
  expect(await foundWith(true)).toEqual(['1.png']);
  expect(await foundWith(false)).toEqual([]);
});
