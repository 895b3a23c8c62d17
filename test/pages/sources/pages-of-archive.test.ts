import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Page, placeOf } from '../../../src/model/page.ts';
import { discoverPages } from '../../../src/pages/discover.ts';
import { dealRound } from '../../../src/pages/part-filter.ts';
import { noSightings } from '../../../src/pages/sightings.ts';
import type { ArchiveReading } from '../../../src/pages/sources/pages-of-archive.ts';
import { png } from '../../fixtures/images.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { fill, tempFolder } from '../temp-folder.ts';

const READING: ArchiveReading = {
  outputsOf: (id) => `.mgpu/archives/${id}`,
  settled: () => Promise.resolve(undefined),
};

const page = (name: string): ZipEntry => ({ name, content: png(2, 2) });

/** The pages of a folder with loose pages `a.png` and `z.png`, and these archives between them. */
async function walk(
  archives: Readonly<Record<string, Buffer>>,
  how: {
    include?: string[];
    exclude?: string[];
    reading?: ArchiveReading | undefined;
    /** Files beside them. */
    beside?: string[];
  } = {},
) {
  const { include = [], exclude = [], reading = READING, beside = [] } = how;
  const root = await tempFolder();
  await fill(root, ['a.png', 'z.png', ...beside]);
  for (const [name, zip] of Object.entries(archives)) await writeFile(path.join(root, name), zip);
  const seen = noSightings();
  const pages: Page[] = [];
  const entries = [{ path: root, kind: 'folder' as const }];
  for await (const chunk of discoverPages({
    root,
    entries,
    leaveOut: [],
    include,
    exclude,
    archives: reading,
    seen,
  }))
    pages.push(...chunk);
  return { pages, ids: pages.map(({ id }) => id), seen };
}

test('an archive is a folder of pages, in natural order', async () => {
  const zip = zipOf([
    page('10.png'),
    page('2.png'),
    page('b/1.png'),
    { name: 'ComicInfo.xml' },
    page('.x.png'),
  ]);
  const { pages, ids, seen } = await walk({ 'm.CBZ': zip });
  expect(ids).toEqual(['a.png', 'm.CBZ/2.png', 'm.CBZ/10.png', 'm.CBZ/b/1.png', 'z.png']);
  expect(seen).toMatchObject({ pages: 5, inArchives: [], others: new Map() });
  const [, second] = pages;
  expect(second && placeOf(second, 'm.CBZ/2.webp')).toBe('.mgpu/archives/m.CBZ/2.webp');
});

test('one without a page is told', async () => {
  const { ids, seen } = await walk({ 'm.cbz': zipOf([{ name: 'ComicInfo.xml' }]), 'n.cbz': zipOf([]) });
  expect(ids).toEqual(['a.png', 'z.png']);
  expect(seen.inArchives).toEqual(
    ['m', 'n'].map((id) => `${id}.cbz: it has no page, so nothing comes of it.`),
  );
});

test('filters see its pages by their ids', async () => {
  const zips = { 'm.cbz': zipOf([page('1.png'), page('b/2.png')]), 'n.zip': zipOf([page('1.png')]) };
  expect((await walk(zips, { include: ['m.cbz/**'] })).ids).toEqual(['m.cbz/1.png', 'm.cbz/b/2.png']);
  expect((await walk(zips, { include: ['m.cbz/b/**'] })).ids).toEqual(['m.cbz/b/2.png']);
  expect((await walk(zips, { exclude: ['m.cbz'] })).ids).toEqual(['a.png', 'n.zip/1.png', 'z.png']);
});

test('one that can not be read is a page that can not be read', async () => {
  const broken = { 'm.cbz': Buffer.from('no zip'), 'n.cbz': zipOf([page('1.png')]) };
  const { pages } = await walk(broken);
  expect(pages[1]).toMatchObject({ id: 'm.cbz', unreadable: expect.stringMatching(/no zip archive/) });
  expect((await walk(broken, { include: ['m.cbz/**'] })).ids).toEqual(['m.cbz']);
  expect((await walk(broken, { include: ['n.cbz/**'] })).ids).toEqual(['n.cbz/1.png']);
});

test('tells what is left out by name, and takes the rest', async () => {
  const { ids, seen } = await walk({
    'm.cbz': zipOf([
      page('../1.png'),
      page('2.png'),
      page('2.png'),
      page('inner.cbz'),
      { name: 'a.xml', flags: 1 },
    ]),
  });
  expect(ids).toEqual(['a.png', 'm.cbz/2.png', 'z.png']);
  expect(seen.inArchives).toEqual([
    expect.stringMatching(/^m\.cbz: left out "\.\.\/1\.png" .*"2\.png" .*"a\.xml" \(it is encrypted/),
    expect.stringMatching(/^m\.cbz: not opened "inner\.cbz"/),
  ]);
});

test('one that is settled is not opened, and its pages count', async () => {
  const reading = { ...READING, settled: () => Promise.resolve(['m.cbz/2.png', 'm.cbz/1.png']) };
  const { pages, ids } = await walk({ 'm.cbz': Buffer.from('never read') }, { reading });
  expect(ids).toEqual(['a.png', 'm.cbz/1.png', 'm.cbz/2.png', 'z.png']);
  expect(pages.map(({ settledIn }) => settledIn)).toEqual([undefined, 'm.cbz', 'm.cbz', undefined]);
});

test('without a reading it is a file like others', async () => {
  const root = await tempFolder();
  await fill(root, ['a.png', 'm.cbz']);
  const entries = [{ path: root, kind: 'folder' as const }];
  const seen = noSightings();
  const chunks = discoverPages({ root, entries, leaveOut: [], include: [], exclude: [], seen });
  for await (const chunk of chunks) expect(chunk.map(({ id }) => id)).toEqual(['a.png']);
  expect(seen.archives.get('cbz')).toEqual({ count: 1, example: 'm.cbz' });
});

test.each([true, false])('a part gets all of an archive or nothing, by folder: %s', async (byFolder) => {
  const zips = {
    'm.cbz': zipOf([page('1.png'), page('b/2.png'), page('3.png')]),
    'n.cbz': zipOf([page('1.png')]),
  };
  const { pages } = await walk(zips);
  const parts = [1, 2].map((index) => {
    const isOurs = dealRound({ index, of: 2 }, byFolder);
    return new Set(pages.filter(isOurs).flatMap(({ entry }) => entry?.archive.id ?? []));
  });
  expect(parts.flatMap((part) => [...part]).sort()).toEqual(['m.cbz', 'n.cbz']);
});

test('what a run over one archive packed beside its records is no input, the original beside its output is', async () => {
  const one = zipOf([page('1.png')]);
  const names = ['v-translated.cbz', 'v-translated.incomplete.cbz', 'v.cbz', 'w.cbz'];
  const { ids, seen } = await walk(Object.fromEntries(names.map((name) => [name, one])), {
    beside: ['v-translated/.mgpu/ledger.ndjson', 'w/.mgpu/ledger.ndjson', 'w/w.cbz'],
  });
  expect(ids).toEqual(['a.png', 'v.cbz/1.png', 'w.cbz/1.png', 'z.png']);
  expect(seen.earlierOutputs.sort()).toEqual([
    'v-translated',
    'v-translated.cbz',
    'v-translated.incomplete.cbz',
    'w',
  ]);
});
