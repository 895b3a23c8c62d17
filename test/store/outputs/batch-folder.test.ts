import { chmod, lstat, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { batchPlacesOf } from '../../../src/store/outputs/names-of-batch.ts';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';
import { parseOutputsIn } from '../../../src/translators/script/outputs-in.ts';
import { ScriptTranslator } from '../../../src/translators/script/script.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

function scriptOf(command: string, outputsIn?: string): ScriptTranslator {
  const place = outputsIn === undefined ? undefined : parseOutputsIn(outputsIn);
  if (typeof place === 'string') throw new Error(place);
  return new ScriptTranslator({
    name: 'tr',
    template: parseTemplate(command),
    args: [],
    cwd: '/',
    format: undefined,
    outputsIn: place,
    shape: { translator: 'command', command, args: [] },
  });
}

/** A batch with one page, a copy of an original that nobody may write to. */
async function batchWith(name: string): Promise<BatchFolder> {
  const batch = new BatchFolder(await tempFolder());
  const page = path.join(batch.input, name);
  await mkdir(path.dirname(page), { recursive: true });
  await writeFile(page, 'page');
  await chmod(page, 0o444);
  return batch;
}

test('a page that outputs go over can be written to, and is known as it was put there', async () => {
  const batch = await batchWith('a/e\u0301.png');
  const placed = await batch.makeReady(scriptOf('tr {input}', '{input}'), ['a/e\u0301.png']);
  const found = await lstat(path.join(batch.input, 'a/e\u0301.png'));
  expect(found.mode & 0o777).toBe(0o644);
  expect(placed).toEqual(new Map([['a/\u00e9.png', found.ctimeMs]]));
});

test.each([undefined, '{input}/result', '{output}/x'])(
  'outputs in %s: pages stay as they are',
  async (outputsIn) => {
    const batch = await batchWith('1.png');
    expect(await batch.makeReady(scriptOf('tr {input} {output}', outputsIn), ['1.png'])).toBeUndefined();
    expect((await stat(path.join(batch.input, '1.png'))).mode & 0o777).toBe(0o444);
  },
);

test('a program that takes one page finds the folder that its output goes to', async () => {
  const batch = await batchWith('a/b/1.png');
  await batch.makeReady(scriptOf('tr {page} {pageOutput}'), ['a/b/1.png']);
  expect((await stat(path.join(batch.output, 'a/b'))).isDirectory()).toBe(true);
});

test('a folder for an archive’s pages has no name that a program would take for an archive, or another page has', () => {
  const ids = ['v.png', 'v.png.cbz/1.png', 'vol 1.CBZ/ch.zip/2.png'];
  const pages = ids.map((id) => ({ id, path: `/in/${id}` }));
  const { nameOf } = batchPlacesOf(scriptOf('tr {input} {output}'), pages);
  expect(ids.map(nameOf)).toEqual(['v.png', 'v.png_/1.png', 'vol 1/ch/2.png']);
});
