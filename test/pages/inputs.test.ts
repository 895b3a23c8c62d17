import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type InputSources, type ResolvedInputs, resolveInputs } from '../../src/pages/inputs.ts';
import { fill, tempFolder } from './temp-folder.ts';

async function* saying(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text).subarray(0, 5);
  yield Buffer.from(text).subarray(5);
}

const resolve = (cwd: string, inputs: string[], rest: Partial<InputSources> = {}): Promise<ResolvedInputs> =>
  resolveInputs({ inputs, nulSeparated: false, cwd, stdin: saying(''), ...rest });

/** Entries relative to the folder, folders with a slash. */
const shown = (cwd: string, { entries }: ResolvedInputs): string[] =>
  entries.map((entry) => path.relative(cwd, entry.path) + (entry.kind === 'folder' ? '/' : ''));

test('takes one folder as the root', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['in/a.png']);
  expect(await resolve(cwd, ['./in/'])).toEqual({
    root: path.join(cwd, 'in'),
    entries: [{ path: path.join(cwd, 'in'), kind: 'folder' }],
    singleFolder: path.join(cwd, 'in'),
  });
});

test('takes the deepest common folder of several inputs, once each and in order', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['m/b10/x.png', 'm/b9/x.png', 'm/b9/y.png', 'm/single.png']);
  const found = await resolve(cwd, ['m/b10', 'm/b9', 'm/b9/y.png', 'm/b10/', 'm/single.png']);
  expect(found.root).toBe(path.join(cwd, 'm'));
  expect(found.singleFolder).toBeUndefined();
  expect(shown(cwd, found)).toEqual(['m/b9/', 'm/b10/', 'm/single.png']);
});

test('counts a file with its folder', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['m/a.png']);
  expect((await resolve(cwd, ['m/a.png'])).root).toBe(path.join(cwd, 'm'));
});

test('keeps a hidden folder that is named beside the one around it', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['in/a.png', 'in/.extra/b.png']);
  expect(shown(cwd, await resolve(cwd, ['in', 'in/.extra']))).toEqual(['in/', 'in/.extra/']);
});

test('takes globs, but a file of that name first', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['in/[1].png', 'in/1.png', 'in/2.png', 'in/notes.txt', 'ch1/a.png', 'ch2/a.png']);
  expect(shown(cwd, await resolve(cwd, ['in/[1].png']))).toEqual(['in/[1].png']);
  expect(shown(cwd, await resolve(cwd, ['in/[12].png']))).toEqual(['in/1.png', 'in/2.png']);
  expect(shown(cwd, await resolve(cwd, ['in/*']))).toEqual([
    'in/1.png',
    'in/2.png',
    'in/[1].png',
    'in/notes.txt',
  ]);
  expect(shown(cwd, await resolve(cwd, ['ch*']))).toEqual(['ch1/', 'ch2/']);
});

test('follows links in a glob, and no loop of them', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['store/a.png', 'in/b.png']);
  await symlink('../store', path.join(cwd, 'in/linked'));
  await symlink('..', path.join(cwd, 'in/loop'));
  expect(shown(cwd, await resolve(cwd, ['in/linked/*.png']))).toEqual(['in/linked/a.png']);
  expect(shown(cwd, await resolve(cwd, ['in/**/*.png']))).toEqual(['in/b.png']);
});

test('reads names from a file and from standard input', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['a 1.png', 'b*.png', 'two\nlines.png']);
  await writeFile(path.join(cwd, 'list'), '\ufeffa 1.png\r\n\n  \nb*.png');
  expect(shown(cwd, await resolve(cwd, [], { filesFrom: 'list' }))).toEqual(['a 1.png', 'b*.png']);
  const stdin = saying('two\nlines.png\0a 1.png\0');
  const found = await resolve(cwd, [], { filesFrom: '-', nulSeparated: true, stdin });
  expect(shown(cwd, found)).toEqual(['a 1.png', 'two\nlines.png']);
});

test('takes a named page whose link leads nowhere: it is told of as a page', async () => {
  const cwd = await tempFolder();
  await symlink('gone', path.join(cwd, 'a.png'));
  expect(shown(cwd, await resolve(cwd, ['a.png']))).toEqual(['a.png']);
});

test.each([
  [[], /no input/, /mgpu-translate run/],
  [[''], /an input is empty/, /variable/],
  [['inptu'], /inptu does not exist/, /did you mean input\?/],
  [['./inptu/ch1'], /does not exist/, /did you mean \.\/input\?/],
  [['input', 'out'], /input out does not exist/, /^If out is where .*: mgpu-translate run input -o out$/],
  [['input', 'inptu'], /inptu does not exist/, /^did you mean input\? If inptu is where/],
  [['C:\\scans\\ch1'], /does not exist/, /\/mnt\/c\/scans\/ch1/],
  [['D:'], /does not exist/, /\/mnt\/d$/],
  [['C:scansch1'], /does not exist/, /\/mnt\/c/],
  [['wholly-different'], /does not exist/, /^give the folder that holds the pages$/],
  [['in*/none-*.png'], /nothing matches/, /^give the folder .*, or another pattern$/],
  [['/dev/null'], /neither a file nor a folder/, undefined],
  [['input/a.png/b'], /does not exist/, /did you mean input\/a\.png\?/],
  [['dead'], /broken link/, undefined],
])('refuses %j', async (inputs, message, hint) => {
  const cwd = await tempFolder();
  await fill(cwd, ['input/a.png']);
  await mkdir(path.join(cwd, 'other'));
  await symlink('gone', path.join(cwd, 'dead'));
  const refusal = resolve(cwd, inputs);
  await expect(refusal).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  if (hint) await expect(refusal).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
});

test.each([1, 2, 3, 4, 9])(
  'a name that ends with %i backslashes is looked for, and not for ever',
  async (count) => {
    const cwd = await tempFolder();
    await fill(cwd, ['in/a/1.png']);
    for (const name of ['in/a', 'in/a*', 'a: a']) {
      const given = `${name}${'\\'.repeat(count)}`;
      await expect(resolve(cwd, [given])).rejects.toMatchObject({ exitCode: 2 });
    }
  },
);

test('a glob that matches nothing but what an earlier run wrote is refused, a list names its pages', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['m/ch1/1.png', 'm/ch1-translated/1.png', 'm/ch1-translated/.mgpu/ledger.ndjson']);
  await expect(resolve(cwd, ['m/*-translated'])).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /nothing but a folder with the output of an earlier run \(.*ch1-translated\)$/,
    ),
    hint: expect.stringContaining('name the folder itself'),
  });
  const stdin = saying('m/ch1/1.png\nm/ch1-translated/1.png\n');
  const found = await resolve(cwd, [], { filesFrom: '-', stdin });
  expect(shown(cwd, found)).toEqual(['m/ch1/1.png', 'm/ch1-translated/1.png']);
});

test('one folder around all that was named stays the single one', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['in/a.png', 'in/.extra/b.png', 'in/t/.mgpu/ledger.ndjson', 'in/t/c.png']);
  const found = await resolve(cwd, ['in', 'in/.extra', 'in/t', 'in/t/c.png']);
  expect(shown(cwd, found)).toEqual(['in/', 'in/.extra/', 'in/t/']);
  expect(found.singleFolder).toBe(path.join(cwd, 'in'));
});

test.each<[string, string[], string[], string[]]>([
  ['beside its source', ['ch1', 'ch1-translated', 'ch2'], ['ch1-translated'], []],
  [
    'of an archive, with the records',
    ['v.cbz', 'v-translated.cbz', 'v-translated'],
    ['v-translated', 'v-translated.cbz'],
    [],
  ],
  [
    'of an archive, incomplete',
    ['v.cbz', 'w.cbz', 'v-translated.incomplete.cbz'],
    ['v-translated.incomplete.cbz'],
    [],
  ],
  ['without its source', ['ch2', 'ch1-translated'], [], ['ch1-translated']],
  ['of another name', ['ch1', 'ch2', 'out'], [], ['out']],
  ['by itself', ['ch1-translated'], [], []],
  ['that the run writes to', ['ch1', 'ch2', 'to'], [], []],
  ['that no run wrote', ['ch2', 'ch2-translated', 'w.cbz', 'w-translated.cbz'], [], []],
])('an output %s among the inputs %j: left out %j, taken %j', async (_, inputs, leftOut, taken) => {
  const cwd = await tempFolder();
  const runs = ['ch1-translated', 'v-translated', 'out', 'to'];
  await fill(
    cwd,
    runs.map((folder) => `${folder}/.mgpu/ledger.ndjson`),
  );
  await fill(cwd, [
    'ch1/1.png',
    'ch1-translated/1.png',
    'ch2/1.png',
    'ch2-translated/1.png',
    'out/1.png',
    'to/1.png',
  ]);
  await fill(cwd, ['v.cbz', 'v-translated.cbz', 'v-translated.incomplete.cbz', 'w.cbz', 'w-translated.cbz']);
  const found = await resolve(cwd, inputs, { output: 'to' });
  const relative = (paths: readonly string[] = []) => paths.map((one) => path.relative(cwd, one)).sort();
  expect(relative(found.leftOut)).toEqual(leftOut);
  expect(relative(found.takenOutputs)).toEqual(taken);
  const entries = relative(found.entries.map((entry) => entry.path));
  expect(entries).toEqual(inputs.filter((name) => !leftOut.includes(name)).sort());
});

test('takes no second input for the output where that is said', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['input/a.png']);
  await expect(resolve(cwd, ['input', 'out'], { output: 'o' })).rejects.toMatchObject({
    hint: 'give the folder that holds the pages',
  });
});

test.each([
  ['none', false, /no such file/],
  ['.', false, /it is a folder/],
  ['nul', false, /NUL bytes/],
  ['empty', false, /the list is empty/],
  ['missing', false, /gone.png does not exist/],
  ['shift-jis', false, /not valid UTF-8/],
])('refuses the list %s', async (filesFrom, nulSeparated, message) => {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, 'nul'), 'a.png\0b.png');
  await writeFile(path.join(cwd, 'empty'), '\n\n');
  await writeFile(path.join(cwd, 'missing'), 'gone.png\n');
  await writeFile(path.join(cwd, 'shift-jis'), Buffer.from('\x83\x65.png\n', 'latin1'));
  await expect(resolve(cwd, [], { filesFrom, nulSeparated })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  });
});

test('finds a name that is written in another form than on the disk', async () => {
  const cwd = await tempFolder();
  const [composed, decomposed] = ['caf\u00e9/\u304c1.png', 'cafe\u0301/\u304b\u30991.png'];
  await fill(cwd, [decomposed, 'plain/x.png']);
  expect(shown(cwd, await resolve(cwd, [composed]))).toEqual([decomposed]);
  expect(shown(cwd, await resolve(cwd, ['caf\u00e9/*.png']))).toEqual([decomposed]);
  const listed = await resolve(cwd, [], { filesFrom: '-', stdin: saying(`${composed}\n`) });
  expect(shown(cwd, listed)).toEqual([decomposed]);
});

test('a glob means no folder of a NAS or a system, unless it names one', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['m/ch1/1.png', 'm/@eaDir/1.png']);
  expect(shown(cwd, await resolve(cwd, ['m/*c*']))).toEqual(['m/ch1/']);
  expect(shown(cwd, await resolve(cwd, ['[m]/*']))).toEqual(['m/ch1/']);
  expect(shown(cwd, await resolve(cwd, ['m/@eaDir/*.png']))).toEqual(['m/@eaDir/1.png']);
  // Its pages are not walked by way of the folder above.
  expect(shown(cwd, await resolve(cwd, ['m', 'm/@eaDir']))).toEqual(['m/', 'm/@eaDir/']);
});

test('reads a list in UTF-16, as Windows writes it', async () => {
  const cwd = await tempFolder();
  await fill(cwd, ['漫画/1.png', '漫画/2.png']);
  const list = Buffer.from('\ufeff漫画/1.png\r\n漫画/2.png\r\n', 'utf16le');
  await writeFile(path.join(cwd, 'little'), list);
  await writeFile(path.join(cwd, 'big'), Buffer.from(list).swap16());
  for (const filesFrom of ['little', 'big'])
    expect(shown(cwd, await resolve(cwd, [], { filesFrom }))).toEqual(['漫画/1.png', '漫画/2.png']);
});

test.each([
  { given: '*.cbz', inputs: ['*.cbz'] },
  {
    given: '*.cbz, expanded by the shell',
    inputs: ['a-translated.cbz', 'a.cbz', 'b.cbz', 'c.incomplete.cbz'],
  },
])('what earlier runs packed is no input: $given', async ({ inputs }) => {
  const cwd = await tempFolder();
  const records = ['a-translated', 'c'].map((name) => `${name}/.mgpu/ledger.ndjson`);
  await fill(cwd, ['a.cbz', 'a-translated.cbz', 'b.cbz', 'c.incomplete.cbz', ...records]);
  const found = await resolve(cwd, inputs);
  expect(shown(cwd, found)).toEqual(['a.cbz', 'b.cbz']);
  expect(found.leftOut).toEqual(['a-translated.cbz', 'c.incomplete.cbz'].map((name) => path.join(cwd, name)));
  expect(shown(cwd, await resolve(cwd, ['a-translated.cbz']))).toEqual(['a-translated.cbz']);
});
