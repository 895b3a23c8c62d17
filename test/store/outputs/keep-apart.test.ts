import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import type { Refusal } from '../../../src/model/refusal.ts';
import { resolveInputs } from '../../../src/pages/inputs.ts';
import { noSightings } from '../../../src/pages/sightings.ts';
import { pagesOfInputs } from '../../../src/run/pages-of-inputs.ts';
import { keepApart } from '../../../src/store/outputs/keep-apart.ts';
import { runFolders } from '../../../src/store/outputs/run-folders.ts';
import { fill, tempFolder } from '../../pages/temp-folder.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await tempFolder();
});

interface Given {
  readonly files: readonly string[];
  /** Where a link is → what it holds. */
  readonly links?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  readonly inputs: readonly string[];
  readonly output: string;
  readonly work?: string;
}

/** The ids of the pages that a run would have. */
async function pagesOf({ files, links = {}, folders = [], ...given }: Given): Promise<string[]> {
  await fill(cwd, files);
  for (const folder of folders) await mkdir(path.join(cwd, folder), { recursive: true });
  for (const [link, target] of Object.entries(links)) {
    await mkdir(path.dirname(path.join(cwd, link)), { recursive: true });
    await symlink(target, path.join(cwd, link));
  }
  const inputs = await resolveInputs({
    inputs: given.inputs,
    nulSeparated: false,
    cwd,
    stdin: Readable.from([]),
  });
  const where = await runFolders({
    inputs: given.inputs,
    output: given.output,
    singleFolder: inputs.singleFolder,
    root: inputs.root,
    work: given.work,
    run: 'RUN',
    cwd,
  });
  const originals = await keepApart(inputs, where);
  const chunks = pagesOfInputs(
    { inputs, folders: where, originals },
    { include: [], exclude: [] },
    noSightings(),
  );
  const ids: string[] = [];
  for await (const chunk of chunks) ids.push(...chunk.map(({ id }) => id));
  return ids;
}

const IN = { inputs: ['in'], output: 'out' };

test.each<[string, Given, RegExp]>([
  [
    'an input of several',
    { files: ['a/b/1.png', 'a/c/1.png'], inputs: ['a/b', 'a/c'], output: 'a/b' },
    /that is the input/,
  ],
  [
    'an input by another way',
    { files: ['a/b/1.png', 'a/c/1.png'], inputs: ['a/b', 'a/c'], output: 'a/c/../b/' },
    /that is the input/,
  ],
  [
    'an input by a link',
    { files: ['a/b/1.png', 'a/c/1.png'], links: { l: 'a/b' }, inputs: ['a/b', 'a/c'], output: 'l' },
    /that is the input/,
  ],
  [
    'a folder of the input by a link',
    { ...IN, files: ['in/ch1/1.png'], links: { out: 'in/ch1' } },
    /out: it leads into the input/,
  ],
  [
    'a new folder of the input by a link',
    { ...IN, files: ['in/1.png'], links: { l: 'in' }, output: 'l/new' },
    /it leads into the input/,
  ],
  [
    'a link from one folder of the input to another',
    { ...IN, files: ['in/a/1.png'], links: { 'in/l': 'a' }, output: 'in/l/new' },
    /it leads into the input/,
  ],
  [
    'a state folder that leads into the input',
    { ...IN, files: ['in/1.png'], links: { 'out/.mgpu': '../in' } },
    /out\/\.mgpu: it leads into the input/,
  ],
  [
    'logs that lead into the input',
    { ...IN, files: ['in/1.png'], folders: ['out/.mgpu'], links: { 'out/.mgpu/runs': '../../in' } },
    /it leads into the input/,
  ],
  [
    'a work folder that leads into the input',
    { ...IN, files: ['in/ch1/1.png'], links: { w: 'in/ch1' }, work: 'w' },
    /^--work .*it leads into the input/,
  ],
  [
    'a folder of the input with pages',
    { ...IN, files: ['in/1.png', 'in/ch1/1.png'], output: 'in/ch1' },
    /a folder of the input .* contains files that no run wrote/,
  ],
  ...['1.PNG', 'a/readme.txt', 'lost+found.png', 'vol1.cbz'].map((file): [string, Given, RegExp] => [
    `a folder of the input with what could be a page or hold some: ${file}`,
    { ...IN, files: ['in/1.png', `in/ch1/${file}`], output: 'in/ch1' },
    /a folder of the input .* contains files that no run wrote/,
  ]),
  [
    'a folder of the input with a link to a folder',
    {
      ...IN,
      files: ['in/1.png', 'x/1.png', 'in/ch1/readme.txt'],
      links: { 'in/ch1/l': '../../x' },
      output: 'in/ch1',
    },
    /a folder of the input .* contains files that no run wrote/,
  ],
  [
    'a folder that holds an input file',
    { files: ['x/1.png', 'x/y/1.png'], inputs: ['x/1.png', 'x/y/1.png'], output: 'x/y' },
    /it contains the input/,
  ],
  [
    'a folder that holds an input archive',
    { files: ['x/1.cbz', 'x/y/1.cbz'], inputs: ['x/1.cbz', 'x/y/1.cbz'], output: 'x/y' },
    /it contains the input/,
  ],
  [
    'an input in a state folder',
    { files: ['out/.mgpu/work/1.png'], inputs: ['out/.mgpu/work'], output: 'x' },
    /a run keeps its own files in \.mgpu/,
  ],
  [
    'an input file in a state folder',
    { files: ['out/.mgpu/w/1.png'], inputs: ['out/.mgpu/*/1.png'], output: 'x' },
    /a run keeps its own files in \.mgpu/,
  ],
  [
    'an input in a state folder, by a link',
    { files: ['out/.mgpu/w/1.png'], links: { l: 'out/.mgpu/w' }, inputs: ['l/1.png'], output: 'x' },
    /a run keeps its own files in \.mgpu/,
  ],
  [
    'an output in a state folder',
    { ...IN, files: ['in/1.png'], output: 'x/.mgpu/out' },
    /a run keeps its own files in \.mgpu/,
  ],
  [
    'a linked folder in the output',
    { ...IN, files: ['in/1.png', 'in/ch1/1.png'], links: { 'out/ch1': '../in/ch1' } },
    /out\/ch1 leads through a link into .*\/in/,
  ],
  [
    'one deep in the output',
    { ...IN, files: ['in/a/ch1/1.png'], links: { 'out/a/ch1': '../../in' } },
    /out\/a\/ch1 leads through a link/,
  ],
  [
    'one behind another link',
    { ...IN, files: ['in/a/ch1/1.png'], links: { 'out/a': '../else', 'else/ch1': '../in/a/ch1' } },
    /out\/a\/ch1 leads through a link/,
  ],
  [
    'a link to where a linked input folder leads',
    { ...IN, files: ['data/ch1/1.png'], links: { 'in/ch1': '../data/ch1', 'out/ch1': '../data/ch1' } },
    /out\/ch1 leads through a link into .*\/data\/ch1/,
  ],
  [
    'a folder that a linked input folder is met in later',
    { ...IN, files: ['in/a/1.png', 'out/a/1.png'], links: { 'in/z': '../out' } },
    /z of the input is a link into it/,
  ],
  [
    'an output that holds a linked input folder',
    { ...IN, files: ['data/ch1/1.png', 'in/1.png'], links: { 'in/ch1': '../data/ch1' }, output: 'data' },
    /ch1 of the input is a link into it/,
  ],
  [
    'an output that holds what linked pages lead to',
    { ...IN, files: ['data/1.png'], links: { 'in/1.png': '../data/1.png' }, output: 'data' },
    /data contains originals: links in the input point there/,
  ],
  [
    'an input file that is such a link',
    { files: ['data/1.png'], links: { 'in/1.png': '../data/1.png' }, inputs: ['in/1.png'], output: 'data' },
    /data contains originals/,
  ],
])('refuses %s', async (_name, given, message) => {
  const refused = await pagesOf(given).catch((error: Refusal) => error);
  expect(refused).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
    hint: expect.any(String),
  });
});

test.each<[string, Given, string[]]>([
  ['a new folder of the input', { ...IN, files: ['in/1.png'], output: 'in/out' }, ['1.png']],
  ['an empty one', { ...IN, files: ['in/1.png'], folders: ['in/out'], output: 'in/out' }, ['1.png']],
  [
    'one with hidden files alone',
    { ...IN, files: ['in/1.png', 'in/out/.keep'], output: 'in/out' },
    ['1.png'],
  ],
  [
    'one with files that can be no pages',
    {
      ...IN,
      files: ['in/1.png', 'in/out/readme.txt', 'in/out/LICENSE', 'in/out/lost+found/x'],
      links: { 'in/out/latest': 'readme.txt', 'in/out/nowhere': 'gone' },
      output: 'in/out',
    },
    ['1.png'],
  ],
  [
    'one of an earlier run',
    { ...IN, files: ['in/1.png', 'in/out/1.png', 'in/out/.mgpu/ledger.ndjson'], output: 'in/out' },
    ['1.png'],
  ],
  [
    'one of a part',
    { ...IN, files: ['in/1.png', 'in/out/1.png', 'in/out/.mgpu/ledger.1-of-2.ndjson'], output: 'in/out' },
    ['1.png'],
  ],
  [
    'one that a glob finds again',
    {
      files: ['in/1.png', 'in/out/1.png', 'in/out/.mgpu/ledger.ndjson'],
      inputs: ['in/**/*.png'],
      output: 'in/out',
    },
    ['1.png'],
  ],
  [
    'an input that is itself a link',
    { files: ['data/1.png'], links: { in: 'data' }, inputs: ['in'], output: 'in/out' },
    ['1.png'],
  ],
  [
    'a way by links above the input',
    { files: ['home/in/1.png'], links: { l: 'home' }, inputs: ['l/in'], output: 'home/in/out' },
    ['1.png'],
  ],
  [
    'an output that is a link elsewhere',
    { ...IN, files: ['in/1.png'], folders: ['disk'], links: { out: 'disk' } },
    ['1.png'],
  ],
  [
    'a link into the input where no page goes',
    { ...IN, files: ['in/1.png', 'in/ch1/1.png'], links: { 'out/originals': '../in' } },
    ['1.png', 'ch1/1.png'],
  ],
  [
    'an output around one of several inputs',
    { files: ['a/b/c/d/1.png', 'a/f/1.png'], inputs: ['a/b/c', 'a/f'], output: 'a/b' },
    ['b/c/d/1.png', 'f/1.png'],
  ],
  [
    'a linked folder into the output of this input',
    { ...IN, files: ['in/1.png', 'out/1.png', 'out/.mgpu/ledger.ndjson'], links: { 'in/done': '../out' } },
    ['1.png'],
  ],
  [
    'linked pages from elsewhere',
    { ...IN, files: ['data/1.png'], folders: ['out'], links: { 'in/1.png': '../data/1.png' } },
    ['1.png'],
  ],
  [
    'a link into a state folder',
    { ...IN, files: ['in/1.png', 'x/.mgpu/work/2.png'], links: { 'in/w': '../x/.mgpu/work' } },
    ['1.png'],
  ],
])('allows %s', async (_name, given, ids) => {
  expect(await pagesOf(given)).toEqual(ids);
});

test('a folder that a glob caught is refused with a hint that says so', async () => {
  const given = { files: ['in/1.png', 'in/out/1.png'], inputs: ['in/*'], output: 'in/out' };
  expect(await pagesOf(given).catch((error: Refusal) => error)).toMatchObject({
    message: expect.stringMatching(/that is the input .*\/in\/out$/),
    hint: expect.stringContaining('a glob such as in/* matches it too'),
  });
});
