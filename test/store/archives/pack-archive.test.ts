import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ArchiveEntry } from '../../../src/model/page.ts';
import type { ArchiveDirectory } from '../../../src/pages/sources/archive-directory.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { readEntry } from '../../../src/pages/sources/read-entry.ts';
import { type PackedPage, type PackJob, packArchive } from '../../../src/store/archives/pack-archive.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

async function directoryOf(file: string): Promise<ArchiveDirectory> {
  const found = await readDirectory(file);
  if ('trouble' in found) throw new Error(found.trouble);
  return found;
}

/** An archive of these entries, and the job of packing it. */
async function jobOf(
  entries: readonly ZipEntry[],
  pages: Record<string, string | PackedPage>,
): Promise<PackJob> {
  const folder = await tempFolder();
  const file = path.join(folder, 'a.cbz');
  await writeFile(file, zipOf(entries, { comment: 'kept' }));
  const { bytes, mtimeMs, directoryCrc } = await directoryOf(file);
  const all = await Promise.all(
    Object.entries(pages).map(async ([name, page]): Promise<[string, PackedPage]> => {
      if (page === 'original' || page === 'left-out' || typeof page !== 'string') return [name, page];
      const made = path.join(folder, `made-${page.length}.webp`);
      await writeFile(made, page);
      return [name, { file: made }];
    }),
  );
  const archive = { id: 'a.cbz', path: file, bytes, mtimeMs, directoryCrc, pages: 1, outputs: 'x' };
  return { archive, to: path.join(folder, 'b.part'), pages: new Map(all) };
}

/** Names, whether compressed, and content of a packed archive. */
async function contentOf(file: string): Promise<[name: string, isDeflated: boolean, text: string][]> {
  const { entries, bytes, mtimeMs, directoryCrc } = await directoryOf(file);
  const archive = { id: 'b', path: file, bytes, mtimeMs, directoryCrc, pages: 1, outputs: '' };
  const textOf = (entry: Omit<ArchiveEntry, 'archive'>): string =>
    readEntry({ ...entry, archive }).bytes.toString();
  return entries.map((entry) => [entry.name, entry.isDeflated, textOf(entry)]);
}

test('replaces pages, and keeps names, order, times, comment and all else', async () => {
  const job = await jobOf(
    [
      { name: 'z/' },
      { name: 'z/2.jpg', content: 'two', deflate: true },
      { name: 'ComicInfo.xml', content: '<x/>', deflate: true },
      { name: '1.jpg', content: 'one' },
      { name: 'out.png', content: 'filtered' },
      { name: 'bad.png', content: 'failed' },
      { name: 'text.png', content: 'none' },
    ],
    { 'z/2.jpg': 'TWO!', '1.jpg': 'ONE', 'bad.png': 'left-out', 'text.png': 'original' },
  );
  const packed = await packArchive(job);
  expect(packed).toMatchObject({ missing: [], leftOut: [] });
  expect(await contentOf(job.to)).toEqual([
    ['z/', false, ''],
    ['z/2.webp', false, 'TWO!'],
    ['ComicInfo.xml', false, '<x/>'],
    ['1.webp', false, 'ONE'],
    ['out.png', false, 'filtered'],
    ['text.png', false, 'none'],
  ]);
  const [before, now] = await Promise.all([directoryOf(job.archive.path), directoryOf(job.to)]);
  expect(now.comment.toString()).toBe('kept');
  expect(now.entries[1]?.mtimeMs).toBe(before.entries[1]?.mtimeMs);
  expect('bytes' in packed && packed.bytes).toBe((await readFile(job.to)).length);
});

test('tells originals that can not be read, and goes on', async () => {
  const broken = { content: 'x', says: { crc32: 7 } };
  const job = await jobOf([{ name: '1.png', ...broken }, { name: 'a.xml', ...broken }, { name: '2.png' }], {
    '1.png': 'original',
  });
  expect(await packArchive(job)).toMatchObject({ missing: ['1.png'], leftOut: [{ name: 'a.xml' }] });
  expect((await contentOf(job.to)).map(([name]) => name)).toEqual(['2.png']);
});

test('an output keeps its name where an original has it too', async () => {
  const job = await jobOf([{ name: '1.webp', content: 'other' }, { name: '1.jpg' }], { '1.jpg': 'ONE' });
  expect(await packArchive(job)).toMatchObject({ missing: ['1.webp'] });
  expect(await contentOf(job.to)).toEqual([['1.webp', false, 'ONE']]);
});

test('packs nothing of an archive that was changed, nor without an output that was made', async () => {
  const job = await jobOf([{ name: '1.png', content: 'x' }], { '1.png': { file: '/nowhere/1.png' } });
  expect(await packArchive(job)).toMatchObject({ trouble: expect.stringMatching(/no such/), code: 'ENOENT' });
  await writeFile(job.archive.path, zipOf([{ name: '1.png', content: 'other' }]));
  expect(await packArchive(job)).toMatchObject({ trouble: expect.stringMatching(/changed/) });
});

test('packs an archive that was only touched', async () => {
  const job = await jobOf([{ name: '1.png', content: 'x' }], {});
  await utimes(job.archive.path, 1, 2);
  expect(await packArchive(job)).toMatchObject({ source: { bytes: job.archive.bytes, mtimeMs: 2000 } });
  expect(await contentOf(job.to)).toEqual([['1.png', false, 'x']]);
});

test('takes a page out of an older archive', async () => {
  const job = await jobOf(
    [
      { name: '1.jpg', content: 'x' },
      { name: '2.jpg', content: 'y' },
    ],
    {},
  );
  const older = await jobOf([{ name: '1.webp', content: 'MADE', deflate: true }], {});
  const [entry] = (await directoryOf(older.archive.path)).entries;
  if (entry === undefined) throw new Error('no entry');
  const pages = new Map([['1.jpg', { entry: { ...entry, archive: older.archive } }]]);
  expect(await packArchive({ ...job, pages })).toMatchObject({ missing: [] });
  expect(await contentOf(job.to)).toEqual([
    ['1.webp', false, 'MADE'],
    ['2.jpg', false, 'y'],
  ]);
});
