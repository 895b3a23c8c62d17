import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Page } from '../../src/model/page.ts';
import { type DiscoverRequest, discoverPages } from '../../src/pages/discover.ts';
import { resolveInputs } from '../../src/pages/inputs.ts';
import { describeArchives, describeOthers, noSightings } from '../../src/pages/sightings.ts';
import { fill, tempFolder } from './temp-folder.ts';

const discover = async (root: string, rest: Partial<DiscoverRequest> = {}): Promise<Page[]> => {
  const entries = [{ path: root, kind: 'folder' as const }];
  const pages: Page[] = [];
  for await (const chunk of discoverPages({
    root,
    entries,
    leaveOut: [],
    include: [],
    exclude: [],
    ...rest,
  })) {
    expect(chunk).not.toEqual([]);
    pages.push(...chunk);
  }
  return pages;
};

const idsOf = async (root: string, rest: Partial<DiscoverRequest> = {}): Promise<string[]> =>
  (await discover(root, rest)).map(({ id }) => id);

test('yields pages in natural order, files and folders sorted together', async () => {
  const root = await tempFolder();
  await fill(root, [
    'ch10/1.png',
    'ch9/10.PNG',
    'ch9/9.Jpg',
    'ch9.png',
    'ch9-5.png',
    'ch9/9a/x.jfif',
    'zz.png',
  ]);
  expect(await discover(root)).toEqual(
    ['ch9/9.Jpg', 'ch9/9a/x.jfif', 'ch9/10.PNG', 'ch9-5.png', 'ch9.png', 'ch10/1.png', 'zz.png'].map(
      (id) => ({
        id,
        path: path.join(root, id),
      }),
    ),
  );
});

test('yields the first pages before the walk has ended', async () => {
  const root = await tempFolder();
  await fill(root, ['1/a.png', '2/b.png']);
  await chmod(path.join(root, '2'), 0o000);
  const chunks = discoverPages({
    root,
    entries: [{ path: root, kind: 'folder' }],
    leaveOut: [],
    include: [],
    exclude: [],
  });
  expect((await chunks.next()).value).toHaveLength(1);
  await chunks.return(undefined);
  await chmod(path.join(root, '2'), 0o700);
});

test('takes names of any kind', async () => {
  const root = await tempFolder();
  const names = ['-a.png', '{input}.png', '$HOME.png', 'a\nb.png', 'c\nd/e f.png', 'q\'".png', '🎌.png'];
  names.push(`${'x'.repeat(251)}.png`, 'back\\slash.png', 'replaced \ufffd.png');
  await fill(root, names);
  expect((await idsOf(root)).sort()).toEqual([...names].sort());
  expect((await discover(root)).filter(({ unreadable }) => unreadable)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'tells of pages whose names are not UTF-8, with the way to mend them',
  async () => {
    const root = await tempFolder();
    const bytes = (text: string): Buffer => Buffer.from(path.join(root, text), 'latin1');
    await mkdir(path.join(root, 'ch 1'));
    await writeFile(bytes('ch 1/\x83\x65.png'), 'x');
    await writeFile(path.join(root, 'ch 1/good 漫.png'), 'x');
    await mkdir(bytes('\x83\x7d'));
    await writeFile(bytes('\x83\x7d/001.png'), 'x');
    await writeFile(bytes('\x83\x7d/notes.txt'), 'x');
    const pages = new Map((await discover(root)).map((page) => [page.id, page]));
    expect([...pages.keys()].sort()).toEqual(['\\x83}/001.png', 'ch 1/\\x83e.png', 'ch 1/good 漫.png']);
    expect(pages.get('ch 1/good 漫.png')?.unreadable).toBeUndefined();
    expect(pages.get('ch 1/\\x83e.png')?.unreadable).toContain(
      `convmv -f shift_jis -t utf8 -r --notest '${root}/ch 1'`,
    );
    expect(pages.get('\\x83}/001.png')?.unreadable).toContain(`--notest ${root}`);
  },
);

test('leaves out what is hidden, no image, or written by the run itself', async () => {
  const root = await tempFolder();
  await fill(root, [
    'a.png',
    '.b.png',
    '.git/c.png',
    'd.TXT',
    'e.txt',
    'README',
    'x.png/inside.png',
    'out/a.png',
  ]);
  await symlink('out', path.join(root, 'linked-out'));
  const seen = noSightings();
  const leaveOut = [path.join(root, 'out'), path.join(root, 'not/there/yet')];
  expect(await idsOf(root, { leaveOut, seen })).toEqual(['a.png', 'x.png/inside.png']);
  expect(seen).toMatchObject({ pages: 2, hidden: 2, filtered: 0 });
  expect(describeOthers(seen)).toBe('2 .txt, 1 without a suffix, 2 hidden');
});

test('leaves out what a NAS or a system keeps for itself, unless that is an input', async () => {
  const root = await tempFolder();
  const own = [
    '@eaDir',
    'ch1/@eaDir',
    '#recycle',
    '$Recycle.Bin',
    '@Recently-Snapshot',
    '__MACOSX',
    'lost+found',
  ];
  await fill(root, ['ch1/1.png', 'eaDir/2.png', ...own.map((folder) => `${folder}/1.png`)]);
  await symlink('ch1', path.join(root, '#snapshot'));
  const seen = noSightings();
  expect(await idsOf(root, { seen })).toEqual(['ch1/1.png', 'eaDir/2.png']);
  expect(describeOthers(seen)).toEqual(expect.stringMatching(/^8 system folders \((?:\S+, ){6}\S+\)$/));
  expect(await idsOf(path.join(root, '@eaDir'))).toEqual(['1.png']);
});

test('leaves out what earlier runs wrote, and tells of it', async () => {
  const base = await tempFolder();
  const root = path.join(base, 'lib');
  await fill(base, [
    'lib/1.png',
    'lib/a/1.png',
    'lib/a/.mgpu',
    'lib/a-translated/1.png',
    'lib/a-translated/deep/2.png',
    'lib/a-translated/.mgpu/ledger.ndjson',
    'lib/b/out/1.png',
    'lib/b/out/.mgpu/ledger.ndjson',
    'lib/c/1.png',
    'lib/own/1.png',
    'lib/own/.mgpu/ledger.ndjson',
    'lib/state-elsewhere/1.png',
    'else/state/ledger.ndjson',
    'else/done/deep/1.png',
    'else/done/.mgpu/ledger.ndjson',
  ]);
  await symlink('../../else/state', path.join(root, 'state-elsewhere/.mgpu'));
  await symlink('gone', path.join(root, 'c/.mgpu'));
  await symlink('../else/done', path.join(root, 'linked'));
  await symlink('../else/done/deep', path.join(root, 'linked-deep'));
  await symlink('a-translated/deep', path.join(root, 'linked-here'));
  const seen = noSightings();
  const leaveOut = [path.join(root, 'own')];
  expect(await idsOf(root, { seen, leaveOut })).toEqual(['1.png', 'a/1.png', 'c/1.png']);
  expect([...seen.earlierOutputs].sort()).toEqual([
    'a-translated',
    'b/out',
    'linked',
    'linked-deep',
    'linked-here',
    'state-elsewhere',
  ]);
  expect(describeOthers(seen)).toContain('6 folders with the output of an earlier run (');
  const excluded = noSightings();
  await idsOf(root, { seen: excluded, leaveOut, exclude: ['a-translated', 'b/out/', 'linked*'] });
  expect(excluded.earlierOutputs).toEqual(['state-elsewhere']);
});

test.each<[name: string, inputs: string[], ids: string[], told: string[]]>([
  ['the only input', ['lib/t'], ['1.png', 'deep/2.png'], ['sub']],
  ['a folder in it', ['lib/t/deep'], ['2.png'], []],
  ['beside the folder above', ['lib', 'lib/t'], ['a/1.png', 't/1.png', 't/deep/2.png'], ['t/sub']],
  ['a folder in it, beside the one above', ['lib', 'lib/t/deep'], ['a/1.png', 't/deep/2.png'], ['t']],
  ['a page in it, beside the folder above', ['lib', 'lib/t/1.png'], ['a/1.png', 't/1.png'], ['t']],
  ['a page in it, beside its folder', ['lib/t', 'lib/t/1.png'], ['1.png', 'deep/2.png'], ['sub']],
  ['by a glob', ['lib/*'], ['1.png'], ['LIB/t']],
  ['by a glob for pages', ['lib/**/*.png'], ['1.png'], ['LIB/t']],
  ['by a glob with its name', ['lib/t/*.png', 'lib/{a,t}/1.png'], ['a/1.png', 't/1.png'], []],
  ['by a glob behind its name', ['lib/t/*/*.png'], ['2.png'], ['LIB/t/sub']],
  ['by neither a folder above nor a glob: told once', ['lib', 'lib/*'], ['a/1.png'], ['t']],
  [
    'by a glob and its name',
    ['lib/*', 'lib/t/deep', 'lib/t'],
    ['a/1.png', 't/1.png', 't/deep/2.png'],
    ['t/sub'],
  ],
])('takes what an earlier run wrote where it is named: %s', async (_name, inputs, ids, told) => {
  const cwd = await tempFolder();
  await fill(cwd, ['lib/a/1.png', 'lib/t/1.png', 'lib/t/deep/2.png', 'lib/t/.mgpu/ledger.ndjson']);
  await fill(cwd, ['lib/t/sub/3.png', 'lib/t/sub/.mgpu/ledger.ndjson']);
  const found = await resolveInputs({ inputs, nulSeparated: false, cwd, stdin: process.stdin });
  const seen = noSightings();
  expect(await idsOf(found.root, { ...found, seen })).toEqual(ids);
  expect(seen.earlierOutputs).toEqual(told.map((folder) => folder.replace('LIB', path.join(cwd, 'lib'))));
});

test('follows linked folders once, and no loop', async () => {
  const base = await tempFolder();
  const root = path.join(base, 'in');
  await fill(base, ['in/z/real.png', 'store/s.png', 'store/deep/d.png', 'beside.png']);
  await symlink('z', path.join(root, 'a'));
  await symlink('../store', path.join(root, 'b'));
  await symlink('../store', path.join(root, 'c'));
  await symlink('../store/deep', path.join(root, 'd'));
  await symlink('..', path.join(root, 'up'));
  await symlink('.', path.join(root, 'z/self'));
  await symlink('../in', path.join(base, 'store/back'));
  const seen = noSightings();
  expect(await idsOf(root, { seen })).toEqual(['b/deep/d.png', 'b/s.png', 'z/real.png']);
  expect(seen.linkedAgain).toEqual(['a', 'b/back', 'c', 'd', 'up', 'z/self']);
});

test('follows a link into a folder that is hidden or left out under its own name', async () => {
  const root = await tempFolder();
  await fill(root, ['.store/1.png', 'raw/2.png']);
  await symlink('.store', path.join(root, 'a'));
  await symlink('raw', path.join(root, 'b'));
  expect(await idsOf(root, { exclude: ['raw/'] })).toEqual(['a/1.png', 'b/2.png']);
});

test('takes linked files, and a page whose link leads nowhere', async () => {
  const base = await tempFolder();
  await fill(base, ['store/x.png', 'in/a.png']);
  const root = path.join(base, 'in');
  await symlink('../store/x.png', path.join(root, 'b.png'));
  await symlink('gone', path.join(root, 'c.png'));
  await symlink('gone', path.join(root, 'volume'));
  await symlink('loop', path.join(root, 'loop'));
  const seen = noSightings();
  expect(await idsOf(root, { seen })).toEqual(['a.png', 'b.png', 'c.png']);
  expect(seen.deadLinks.sort()).toEqual(['loop', 'volume']);
});

test('tells of a pipe that is named like a page', async () => {
  const root = await tempFolder();
  execFileSync('mkfifo', [path.join(root, 'p.png')]);
  expect(await discover(root)).toMatchObject([{ id: 'p.png', unreadable: expect.stringContaining('pipe') }]);
});

test('takes what include and exclude let through', async () => {
  const root = await tempFolder();
  await fill(root, ['ch1/a.png', 'ch1/b.gif', 'ch2/a.png']);
  const seen = noSightings();
  expect(await idsOf(root, { include: ['ch1/'], exclude: ['*.gif'], seen })).toEqual(['ch1/a.png']);
  expect(seen.filtered).toBe(2);
});

test('takes several inputs, ids relative to their root', async () => {
  const root = await tempFolder();
  await fill(root, ['a/1.png', 'b/2.png', 'c.png', 'd.txt']);
  const entries = [
    { path: path.join(root, 'a'), kind: 'folder' },
    { path: path.join(root, 'c.png'), kind: 'file' },
    { path: path.join(root, 'd.txt'), kind: 'file' },
  ] as const;
  expect(await idsOf(root, { entries })).toEqual(['a/1.png', 'c.png']);
});

test.skipIf(process.getuid?.() === 0)(
  'refuses a folder that it may not read, unless it is left out',
  async () => {
    const root = await tempFolder();
    await fill(root, ['a.png', 'lost+found/b.png']);
    await chmod(path.join(root, 'lost+found'), 0o000);
    await expect(discover(root)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('lost+found'),
    });
    expect(await idsOf(root, { exclude: ['lost+found/'] })).toEqual(['a.png']);
    await chmod(path.join(root, 'lost+found'), 0o700);
  },
);

test('refuses a folder that goes away while it walks', async () => {
  const root = await tempFolder();
  await fill(
    root,
    Array.from({ length: 20 }, (_, at) => `${at}/a.png`),
  );
  const entries = [{ path: root, kind: 'folder' as const }];
  const chunks = discoverPages({ root, entries, leaveOut: [], include: [], exclude: [] });
  await chunks.next();
  await rename(path.join(root, '19'), `${root}-19`);
  await expect(async () => {
    for await (const _ of chunks);
  }).rejects.toMatchObject({ exitCode: 3 });
  await rename(`${root}-19`, path.join(root, '19'));
});

test('names archives that are not read, and what unpacks them', async () => {
  const root = await tempFolder();
  await fill(root, ['1.png', 'v1.cbz', 'b/v2.CBZ', 'b/book.pdf', 'b/x.7z', 'notes.txt']);
  const seen = noSightings();
  await discover(root, { seen });
  expect(describeArchives(seen)).toBe(
    'Not read: 1 .pdf (pdfimages -all b/book.pdf page), 2 .cbz (unzip b/v2.CBZ) and 1 .7z (7z x b/x.7z) among the inputs. Unpack them into folders first.',
  );
  expect(describeArchives(noSightings())).toBeUndefined();
});
