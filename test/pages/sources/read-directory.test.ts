import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ArchiveDirectory } from '../../../src/pages/sources/archive-directory.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../temp-folder.ts';

async function directoryOf(zip: Buffer): Promise<ArchiveDirectory | { readonly trouble: string }> {
  const file = path.join(await tempFolder(), 'a.cbz');
  await writeFile(file, zip);
  return readDirectory(file);
}

async function whole(entries: readonly ZipEntry[]): Promise<ArchiveDirectory> {
  const found = await directoryOf(zipOf(entries));
  if ('trouble' in found) throw new Error(found.trouble);
  return found;
}

const PAGE: ZipEntry = { name: '001.png', content: 'a page' };

test('tells the entries in their order, with names, sizes and times', async () => {
  const found = await whole([
    { name: 'z/' },
    PAGE,
    { name: 'b.xml', content: 'x'.repeat(99), deflate: true },
  ]);
  expect(found.entries.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['z/', 0],
    ['001.png', 6],
    ['b.xml', 99],
  ]);
  expect(found.entries[1]?.mtimeMs).toBe(new Date(2020, 4, 17, 10, 20, 30).getTime());
  expect(found.leftOut).toEqual([]);
});

test('another content has another CRC, the same one the same', async () => {
  const [one, same, other] = await Promise.all([
    whole([PAGE]),
    whole([PAGE]),
    whole([{ ...PAGE, content: 'b page' }]),
  ]);
  expect(one.directoryCrc).toBe(same.directoryCrc);
  expect(one.directoryCrc).not.toBe(other.directoryCrc);
});

test.each<[what: string, entry: ZipEntry, why: RegExp]>([
  ['leads out', { name: '../../x.png' }, /leads out/],
  ['leads out with backslashes', { name: '..\\x.png' }, /leads out/],
  ['is absolute', { name: '/etc/x.png' }, /absolute/],
  ['is a second one', { name: '001.png', content: 'other' }, /same name/],
])('leaves out a name that %s', async (_what, entry, why) => {
  const { entries, leftOut } = await whole([PAGE, entry]);
  expect(entries.map(({ name }) => name)).toEqual(['001.png']);
  expect(leftOut).toMatchObject([{ why: expect.stringMatching(why) }]);
});

test.each([
  [
    ['a.png', 'a.png/b.png', 'c/'],
    ['a.png/b.png', 'c/'],
  ],
  [
    ['c/', 'a/b.png/1.png', 'a/b.png'],
    ['c/', 'a/b.png/1.png'],
  ],
  [['a.png', 'a.png/'], ['a.png/']],
])('of %j it takes what has a place in folders', async (names, taken) => {
  const { entries, leftOut } = await whole(names.map((name) => ({ name })));
  expect(entries.map(({ name }) => name)).toEqual(taken);
  expect(leftOut).toMatchObject([{ why: expect.stringMatching(/a folder .* the same name/) }]);
});

test.each<[what: string, entry: ZipEntry, why: RegExp]>([
  ['is encrypted', { name: 'x.png', flags: 1 }, /encrypted/],
  ['is larger than 1 GB', { name: 'x.png', content: 'x', says: { bytes: 2_000_000_000 } }, /1 GB/],
  ['is a bomb', { name: 'x.png', content: Buffer.alloc(20_000_000), deflate: true }, /1000:1/],
  ['is of another method', { name: 'x.png', method: 12 }, /method/],
  ['has two sizes', { name: 'x.png', content: 'xx', says: { bytes: 3 } }, /contradict/],
])('tells the trouble with an entry that %s', async (_what, entry, why) => {
  const { entries } = await whole([PAGE, entry]);
  expect(entries.map(({ trouble }) => trouble)).toEqual([undefined, expect.stringMatching(why)]);
});

test('reads no archive of too many entries', async () => {
  const entries = Array.from({ length: 20_001 }, (_, at) => ({ name: `${at}.png` }));
  expect(await directoryOf(zipOf(entries))).toEqual({ trouble: expect.stringMatching(/20001 entries/) });
  expect((await whole(entries.slice(1))).entries).toHaveLength(20_000);
});

test('reads no archive whose entries share bytes', async () => {
  const shared = { says: { bytes: 1000, compressedBytes: 1000, offset: 0 } };
  const zip = zipOf([
    { name: 'a.png', content: 'x'.repeat(1000) },
    { name: 'b.png', ...shared },
  ]);
  expect(await directoryOf(zip)).toEqual({ trouble: expect.stringMatching(/overlap/) });
});

test.each<[what: string, zip: Buffer, why: RegExp]>([
  ['is empty', Buffer.alloc(0), /empty/],
  ['is cut off', zipOf([PAGE, PAGE]).subarray(0, 60), /cut off/],
  ['is no zip', Buffer.from('Rar!\x1a\x07'.repeat(20), 'latin1'), /no zip archive/],
  ['ends in the directory', zipOf([PAGE]).fill(0xff, 45, 60), /cut off/],
])('says why nothing can be read of a file that %s', async (_what, zip, why) => {
  expect(await directoryOf(zip)).toEqual({ trouble: expect.stringMatching(why) });
});

test('says why where there is no file', async () => {
  const folder = await tempFolder();
  expect(await readDirectory(folder)).toEqual({ trouble: expect.stringMatching(/folder/) });
  expect(await readDirectory(path.join(folder, 'a.cbz'))).toEqual({
    trouble: expect.stringMatching(/no such/),
  });
});

test('never throws, wherever a byte is another', async () => {
  const zip = zipOf([PAGE, { name: 'b.png', content: 'another', deflate: true }], { comment: 'hello' });
  const file = path.join(await tempFolder(), 'a.cbz');
  for (let at = 0; at < zip.length; at += 1) {
    const broken = Buffer.from(zip);
    broken[at] = at % 2 === 0 ? 0xff : 0;
    await writeFile(file, broken);
    const found = await readDirectory(file);
    if (!('trouble' in found)) expect(found.entries.length).toBeLessThanOrEqual(2);
  }
});
