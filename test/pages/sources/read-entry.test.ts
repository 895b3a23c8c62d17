import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ArchiveEntry } from '../../../src/model/page.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { readEntry, readEntryHead } from '../../../src/pages/sources/read-entry.ts';
import { zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../temp-folder.ts';

const CONTENT = Buffer.from('a page '.repeat(50_000));

/** The first entry of an archive, after `change` had its bytes. */
async function entryOf(deflate: boolean, change: (zip: Buffer) => void = () => {}): Promise<ArchiveEntry> {
  const file = path.join(await tempFolder(), 'a.cbz');
  const zip = zipOf([{ name: '001.png', content: CONTENT, deflate }]);
  change(zip);
  await writeFile(file, zip);
  const found = await readDirectory(file);
  if ('trouble' in found) throw new Error(found.trouble);
  const [first] = found.entries;
  if (first === undefined) throw new Error('no entry');
  const { bytes, mtimeMs, directoryCrc } = found;
  const archive = { id: 'a.cbz', path: file, bytes, mtimeMs, directoryCrc, pages: 1, outputs: 'a.cbz' };
  return { ...first, archive };
}

test.each([true, false])('reads an entry, deflated: %s', async (deflate) => {
  const entry = await entryOf(deflate);
  expect(readEntry(entry).bytes.equals(CONTENT)).toBe(true);
  const head = readEntryHead(entry).bytes;
  expect(head.length).toBeGreaterThan(1000);
  expect(CONTENT.subarray(0, head.length).equals(head)).toBe(true);
});

test.each([true, false])('tells a flipped byte, deflated: %s', async (deflate) => {
  const entry = await entryOf(deflate, (zip) => zip.writeUInt8((zip[100] ?? 0) ^ 1, 100));
  expect(() => readEntry(entry)).toThrow(/damaged/);
});

test('tells an entry that is not where the directory says', async () => {
  const entry = await entryOf(false);
  expect(() => readEntry({ ...entry, offset: 3 })).toThrow(/damaged/);
  expect(() => readEntry({ ...entry, offset: 1e9 })).toThrow(/damaged/);
});

test('unpacks no more than the directory says', async () => {
  const entry = await entryOf(true);
  expect(() => readEntry({ ...entry, bytes: 1000 })).toThrow(/damaged/);
});

test('reads nothing of an archive that was changed', async () => {
  const entry = await entryOf(true);
  await writeFile(entry.archive.path, 'another');
  expect(() => readEntry(entry)).toThrow(/changed/);
});

test('reads what is still there of an archive that was touched, or that has more by now', async () => {
  const entry = await entryOf(true);
  await utimes(entry.archive.path, 1, 2);
  expect(readEntry(entry).bytes.equals(CONTENT)).toBe(true);
  const added = [
    { name: '001.png', content: CONTENT, deflate: true },
    { name: '2.png', content: 'x' },
  ];
  await writeFile(entry.archive.path, zipOf(added));
  expect(readEntry(entry).bytes.equals(CONTENT)).toBe(true);
});
