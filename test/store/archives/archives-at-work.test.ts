import { expect, test } from 'vitest';
import type { Page } from '../../../src/model/page.ts';
import { ArchivesAtWork, areAllGood, outcomesOf } from '../../../src/store/archives/archives-at-work.ts';

const archive = (id: string, outputs = `.mgpu/archives/${id}`) => ({
  id,
  path: `/in/${id}`,
  bytes: 1,
  mtimeMs: 1,
  directoryCrc: 1,
  pages: 2,
  outputs,
});

const entry = { offset: 0, isDeflated: false, compressedBytes: 1, bytes: 1, mtimeMs: 1, crc32: 1 };

const pageIn = (name: string, of = archive('a.cbz')): Page => ({
  id: `${of.id}/${name}`,
  path: `${of.path}/${name}`,
  entry: { archive: of, name, ...entry },
});

const [ONE, TWO] = [pageIn('1.png'), pageIn('2.png')];
const GOOD = { outcome: 'translated', at: '.mgpu/archives/a.cbz/1.png' } as const;

test('an archive is at work until its last page has an end', () => {
  const work = new ArchivesAtWork();
  const files = work.found({ walked: [ONE, TWO], done: [] }, () => GOOD);
  expect(files.map(({ id }) => id)).toEqual(['a.cbz']);
  expect(work.takeDone(files)).toEqual([]);
  expect(work.ended(ONE, GOOD)).toBeUndefined();
  const done = work.ended(TWO, { outcome: 'failed' });
  expect(done?.isNew).toBe(true);
  expect(done && outcomesOf(done)).toEqual({ translated: 1, failed: 1 });
  expect(done && areAllGood(done)).toBe(false);
  expect(work.ended(TWO, GOOD)).toBeUndefined();
});

test('one whose pages were all done before is there immediately, once', () => {
  const work = new ArchivesAtWork();
  const files = work.found({ walked: [ONE, TWO], done: [ONE, TWO] }, () => GOOD);
  const done = work.takeDone(files);
  expect(done.map(({ isNew }) => isNew)).toEqual([false]);
  expect(done.every(areAllGood)).toBe(true);
  expect(work.takeDone(files)).toEqual([]);
});

test('pages that this run does not come to keep it open: of other parts, past the limit', () => {
  const work = new ArchivesAtWork();
  const files = work.found({ walked: [ONE, TWO], done: [ONE] }, () => GOOD);
  expect(work.takeDone(files)).toEqual([]);
});

test('files, and archives that become folders, are none of its business', () => {
  const work = new ArchivesAtWork();
  const inFolder = pageIn('1.png', archive('b.cbz', 'b'));
  const loose = { id: '1.png', path: '/in/1.png' };
  const settled = { id: 'c.cbz/1.png', path: '/in/c.cbz/1.png', settledIn: 'c.cbz' };
  expect(work.found({ walked: [inFolder, loose, settled], done: [settled] }, () => GOOD)).toEqual([]);
  expect(work.ended(loose, GOOD)).toBeUndefined();
  expect(work.ended(inFolder, GOOD)).toBeUndefined();
});
