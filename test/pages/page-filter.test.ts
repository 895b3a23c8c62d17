import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pageFilter } from '../../src/pages/page-filter.ts';

const IDS = [
  '1.png',
  'a.gif',
  'ch1/1.png',
  'ch1/2.GIF',
  'ch1/sub/3.gif',
  'ch2/1.png',
  'vol/ch1/1.png',
  'x\ny/n\n.gif',
];

const taken = async (include: string[], exclude: string[]): Promise<string[]> => {
  const filter = await pageFilter(include, exclude);
  return IDS.filter((id) => filter.takes(id));
};

test.each([
  [['*.gif'], ['a.gif', 'ch1/sub/3.gif', 'x\ny/n\n.gif']],
  [['1.png'], ['1.png', 'ch1/1.png', 'ch2/1.png', 'vol/ch1/1.png']],
  [['/1.png'], ['1.png']],
  [['./1.png'], ['1.png']],
  [['ch1/**'], ['ch1/1.png', 'ch1/2.GIF', 'ch1/sub/3.gif']],
  [['ch1/'], ['ch1/1.png', 'ch1/2.GIF', 'ch1/sub/3.gif', 'vol/ch1/1.png']],
  [['ch1'], ['ch1/1.png', 'ch1/2.GIF', 'ch1/sub/3.gif', 'vol/ch1/1.png']],
  [['/ch1'], ['ch1/1.png', 'ch1/2.GIF', 'ch1/sub/3.gif']],
  [['vol/ch1'], ['vol/ch1/1.png']],
  [['ch1/*'], ['ch1/1.png', 'ch1/2.GIF', 'ch1/sub/3.gif']],
  [['**/3.*'], ['ch1/sub/3.gif']],
  [['ch[12]/1.{png,jpg}'], ['ch1/1.png', 'ch2/1.png']],
  [
    ['a.gif', 'ch2/'],
    ['a.gif', 'ch2/1.png'],
  ],
  [['**'], IDS],
])('%j means those pages, to include and to exclude', async (globs, wanted) => {
  expect(await taken(globs, [])).toEqual(wanted);
  expect(await taken([], globs)).toEqual(IDS.filter((id) => !wanted.includes(id)));
});

test('lets an exclude win, and takes all where nothing is said', async () => {
  expect(await taken(['*.png'], ['ch1/'])).toEqual(['1.png', 'ch2/1.png']);
  expect(await taken([], [])).toEqual(IDS);
});

test('tells the folders that need no look', async () => {
  const filter = await pageFilter([], ['thumbs', 'lost+found/', 'vol/raw/**', '*.gif', 'ch3/*.png']);
  const folders = ['thumbs', 'a/thumbs', 'lost+found', 'vol/raw', 'raw', 'ch3', 'vol'];
  expect(folders.filter((folder) => filter.leavesOutFolder(folder))).toEqual([
    'thumbs',
    'a/thumbs',
    'lost+found',
    'vol/raw',
  ]);
});

test('a glob means a name in whatever form either is written', async () => {
  for (const [glob, id] of [
    ['caf\u00e9', 'cafe\u0301/1.png'],
    ['cafe\u0301/?.png', 'caf\u00e9/1.png'],
  ] as const) {
    const [included, excluded] = [await pageFilter([glob], []), await pageFilter([], [glob])];
    expect([included.takes(id), excluded.takes(id)]).toEqual([true, false]);
  }
  expect((await pageFilter([], ['caf\u00e9'])).leavesOutFolder('cafe\u0301')).toBe(true);
});

test('parentheses are literal, and so is a path that is there', async () => {
  const ids = ['Title (2020)/1.png', '[Group] Title/1.png', 'G Title/1.png', 'vol[1]/1.png', 'vol1/1.png'];
  const root = await mkdtemp(path.join(tmpdir(), 'filter-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const id of ids) await mkdir(path.join(root, path.dirname(id)));
  const without = async (glob: string): Promise<string[]> => {
    const filter = await pageFilter([], [glob], { root });
    return ids.filter((id) => !filter.takes(id));
  };
  expect(await without('Title (2020)/')).toEqual(['Title (2020)/1.png']);
  expect(await without('[Group] Title/')).toEqual(['[Group] Title/1.png']);
  expect(await without('/vol[1]/**')).toEqual(['vol[1]/1.png']);
  expect(await without('vol[12]')).toEqual(['vol1/1.png']);
});

test('tells the patterns that matched nothing, although another one came first', async () => {
  const filter = await pageFilter(['*.png', '*.jpg'], ['ch1', 'ch1/', "Bob's (2020)/", 'thumbs']);
  expect(filter.leavesOutFolder('thumbs')).toBe(true);
  expect(IDS.filter((id) => filter.takes(id))).toEqual(['1.png', 'ch2/1.png']);
  expect(filter.unmatched).toEqual(["--include '*.jpg'", "--exclude 'Bob'\\''s (2020)/'"]);
});
