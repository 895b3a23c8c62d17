import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ArchiveEntry } from '../../../src/model/page.ts';
import { ArchivePlaces } from '../../../src/store/archives/archive-places.ts';
import { madeOfPages } from '../../../src/store/archives/made-of-pages.ts';
import { PackedOutputs } from '../../../src/store/archives/packed-outputs.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const SOURCE: readonly ZipEntry[] = [
  { name: 'b/1.png', content: 'one' },
  { name: 'b/2.png', content: 'two' },
  { name: 'ComicInfo.xml', content: '<x/>' },
];
const MADE: readonly ZipEntry[] = [
  { name: 'b/1.webp', content: 'made' },
  { name: 'b/2.png', content: 'two' },
  { name: 'ComicInfo.xml', content: '<x/>' },
];

/** What is packed in an output folder, and the archive that it is of; without `output` no ledger knows of it. */
async function packedIn(files: Readonly<Record<string, readonly ZipEntry[]>>, output?: string) {
  const folder = await tempFolder();
  for (const [name, entries] of Object.entries(files))
    await writeFile(path.join(folder, name), zipOf(entries));
  const source = path.join(await tempFolder(), 'a.cbz');
  await writeFile(source, zipOf(SOURCE));
  const line = {
    type: 'archive' as const,
    time: '2025-01-01T00:00:00.000Z',
    archive: 'a.cbz',
    bytes: 1,
    mtimeMs: 1,
    directoryCrc: 1,
    pages: 2,
    outcomes: {},
    output: output ?? '',
    outputBytes: 1,
  };
  const places = new ArchivePlaces({ output: folder }, 'pack');
  const packed = new PackedOutputs(new Map(output === undefined ? [] : [['a.cbz', line]]), places);
  const outputs = '.mgpu/archives/a.cbz';
  const archive = { id: 'a.cbz', path: source, bytes: 1, mtimeMs: 1, directoryCrc: 1, pages: 2, outputs };
  return { packed, archive, place: places.whole('a.cbz') };
}

/** What is found of a page by its line. */
async function found(at: string, files: Parameters<typeof packedIn>[0], output?: string) {
  const { packed, archive } = await packedIn(files, output);
  const source = { bytes: 3, mtimeMs: 1, crc32: crc32('one') };
  const entry = await packed.entryOf(archive, { output: { path: at, bytes: 4 }, source });
  return entry && [path.basename(entry.archive.path), entry.bytes];
}

const AT = '.mgpu/archives/a.cbz/b/1.webp';

test.each(['a.cbz', 'a.incomplete.cbz', 'a.zip'])(
  'finds an output in %s, which a run packed',
  async (name) => {
    expect(await found(AT, { [name]: MADE }, name)).toEqual([name, 4]);
  },
);

test('finds one in an archive that is older than the line, and takes the one that is as the line says', async () => {
  const other = [{ name: 'b/1.webp', content: 'other' }];
  expect(await found(AT, { 'a.cbz': MADE }, 'a.incomplete.cbz')).toEqual(['a.cbz', 4]);
  expect(await found(AT, { 'a.cbz': other, 'a.incomplete.cbz': MADE }, 'a.cbz')).toEqual([
    'a.incomplete.cbz',
    4,
  ]);
  expect(await found(AT, { 'a.cbz': other }, 'a.cbz')).toEqual(['a.cbz', 5]);
});

test('finds one that was put into a folder before', async () => {
  expect(await found('a/b/1.webp', { 'a.cbz': MADE }, 'a.cbz')).toEqual(['a.cbz', 4]);
});

test('finds no other page, no original, and nothing where no run packed anything', async () => {
  expect(await found('.mgpu/archives/a.cbz/b/3.png', { 'a.cbz': MADE }, 'a.cbz')).toBeUndefined();
  expect(await found(AT, { 'a.cbz': [{ name: 'b/1.webp', content: 'one' }] }, 'a.cbz')).toBeUndefined();
  expect(await found(AT, {}, 'a.cbz')).toBeUndefined();
});

test.each<[why: string, files: Parameters<typeof packedIn>[0], isOwn: boolean]>([
  ['it looks like what a run makes', { 'a.cbz': MADE }, true],
  ['it is a copy of the original', { 'a.cbz': SOURCE }, false],
  ['a page is missing', { 'a.cbz': [...MADE.slice(0, 1), ...MADE.slice(2)] }, false],
  ['it has another page', { 'a.cbz': [...MADE, { name: '3.png', content: 'x' }] }, false],
  ['it has another file', { 'a.cbz': [...MADE, { name: 'notes.txt', content: 'x' }] }, false],
  ['it has two pages for one', { 'a.cbz': [...MADE, { name: 'b/1.png', content: 'x' }] }, false],
])('an archive that no ledger knows, where %s', async (_why, files, isOwn) => {
  const { packed, archive, place } = await packedIn(files);
  expect(await packed.isOwn(archive, place)).toBe(isOwn);
  const page = (name: string, content: string): ArchiveEntry => ({
    archive,
    name,
    offset: 0,
    isDeflated: false,
    compressedBytes: 3,
    bytes: 3,
    mtimeMs: 1,
    crc32: crc32(content),
  });
  expect((await packed.standingOf(page('b/1.png', 'one')))?.name).toBe(isOwn ? 'b/1.webp' : undefined);
  expect(await packed.standingOf(page('b/2.png', 'two'))).toBeUndefined();
});

test('pages of one stem are told apart where their names are as they were', async () => {
  const [one, two] = [
    { name: '1.png', content: 'a' },
    { name: '1.jpg', content: 'b' },
  ];
  const directory = (entries: readonly ZipEntry[]) => ({
    leftOut: [],
    entries: entries.map(({ name, content = '' }) => ({
      name: String(name),
      offset: 0,
      isDeflated: false,
      compressedBytes: 1,
      bytes: 1,
      mtimeMs: 1,
      crc32: crc32(content),
    })),
  });
  const pagesOf = (made: readonly ZipEntry[]) =>
    madeOfPages(directory(made), directory([one, two]), { isWhole: false })?.size;
  expect(pagesOf([{ ...one, content: 'A' }, two])).toBe(2);
  expect(pagesOf([one, { name: '1.webp', content: 'B' }])).toBe(2);
  expect(pagesOf([{ name: '1.webp', content: 'B' }])).toBeUndefined();
});

test('an incomplete one may lack pages', async () => {
  const { packed, archive, place } = await packedIn({ 'a.incomplete.cbz': MADE.slice(0, 1) });
  expect(await packed.isOwn(archive, place)).toBe(false);
  const file = place.file.replace('a.cbz', 'a.incomplete.cbz');
  expect(await packed.isOwn(archive, { name: 'a.incomplete.cbz', file })).toBe(true);
});

test('an archive goes where it is asked for', () => {
  const beside = new ArchivePlaces({ output: '/x/v-translated', packed: '/x/v-translated.cbz' }, 'pack');
  expect(beside.whole('v.cbz')).toEqual({ name: 'v-translated.cbz', file: '/x/v-translated.cbz' });
  expect(beside.incomplete('v.cbz').file).toBe('/x/v-translated.incomplete.cbz');
  expect(new ArchivePlaces({ output: '/x', packed: '/x.cbz' }, 'folder').outputsOf('v.cbz')).toBe('');
  expect(new ArchivePlaces({ output: '/x' }, 'folder').outputsOf('b/v.cbz')).toBe('b/v');
});

test('what waits to be packed belongs into the folder in a run that makes folders', () => {
  const at = '.mgpu/archives/b/v.cbz/c/1.png';
  expect(new ArchivePlaces({ output: '/x' }, 'folder').movedTo('b/v.cbz', at)).toBe('b/v/c/1.png');
  expect(new ArchivePlaces({ output: '/x', packed: '/x.cbz' }, 'folder').movedTo('b/v.cbz', at)).toBe(
    'c/1.png',
  );
  expect(new ArchivePlaces({ output: '/x' }, 'folder').movedTo('b/v.cbz', 'b/v/c/1.png')).toBeUndefined();
  expect(new ArchivePlaces({ output: '/x' }, 'pack').movedTo('b/v.cbz', at)).toBeUndefined();
});
