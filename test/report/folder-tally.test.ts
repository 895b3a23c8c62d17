import { expect, test } from 'vitest';
import type { FolderFound, PageFinished } from '../../src/model/events.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { FolderTally, listFolders } from '../../src/report/folder-tally.ts';
import { SummaryBuilder } from '../../src/report/summary.ts';
import { runSummarySchema } from '../../src/report/summary-schema.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import { at, started, translated } from './streams.ts';

const found = (seconds: number, ...folders: (readonly [folder: string, pages: number, skipped: number])[]) =>
  at(seconds, {
    type: 'folders-found',
    folders: folders.map(([folder, pages, skipped]): FolderFound => ({ folder, pages, skipped })),
  });

const bad = (page: string, outcome: 'failed' | 'untranslated'): PageFinished => ({
  type: 'page-finished',
  page,
  slot: 'gpu0-0',
  attempt: 1,
  outcome,
});

const summaryOf = (...events: Parameters<SummaryBuilder['add']>[0][]) => {
  const builder = new SummaryBuilder();
  for (const event of [started(['gpu0-0']), ...events]) builder.add(event);
  return builder.summary();
};

const textOf = (...events: Parameters<SummaryBuilder['add']>[0][]): string =>
  summaryText(summaryOf(...events), PLAIN_PAINT);

test('says of each folder what is done, failed and left; what was done before counts', () => {
  const summary = summaryOf(
    found(1, ['.', 1, 0], ['ch1', 2, 1]),
    found(2, ['ch1', 1, 0], ['ch2', 2, 0], ['ch3', 2, 2]),
    at(2, { type: 'pages-found', pages: 8, skipped: 3 }),
    at(3, translated('ch1/1.png', 'gpu0-0', 1)),
    at(4, translated('ch1/2.png', 'gpu0-0', 1)),
    at(5, bad('ch2/1.png', 'failed')),
    at(6, bad('ch2/2.png', 'untranslated')),
  );
  expect(summary.folders).toEqual([
    { folder: '.', pages: 1, done: 0, untranslated: 0, failed: 0, left: 1, complete: false },
    { folder: 'ch1', pages: 3, done: 3, untranslated: 0, failed: 0, left: 0, complete: true },
    { folder: 'ch2', pages: 2, done: 0, untranslated: 1, failed: 1, left: 0, complete: false },
    { folder: 'ch3', pages: 2, done: 2, untranslated: 0, failed: 0, left: 0, complete: true },
  ]);
  expect(summary.folderTotals).toEqual({ folders: 4, complete: 2 });
  expect(runSummarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary);
  expect(summaryText(summary, PLAIN_PAINT)).toContain(
    '\n2 of 4 folders complete; .: 1 left; ch2: 1 failed, 1 untranslated\n',
  );
});

test('says nothing for one folder, nor where events tell of none', () => {
  const page = at(2, translated('ch1/1.png', 'gpu0-0', 1));
  expect(
    textOf(found(1, ['ch1', 1, 0]), at(1, { type: 'pages-found', pages: 1, skipped: 0 }), page),
  ).not.toMatch(/folder/);
  const old = summaryOf(at(1, { type: 'pages-found', pages: 1, skipped: 0 }), page);
  expect(old).not.toHaveProperty('folders');
  expect(old).not.toHaveProperty('folderTotals');
});

test('a walk that was cut short leaves its last folder open, and those around it', () => {
  const events = [
    found(1, ['.', 1, 1], ['a', 1, 1], ['a/b', 1, 1], ['ab', 1, 1], ['c', 1, 1], ['c/d', 1, 1]),
    at(1, { type: 'pages-found', pages: 6, skipped: 6, more: true }),
  ] as const;
  expect(
    summaryOf(...events)
      .folders?.filter(({ complete }) => complete)
      .map(({ folder }) => folder),
  ).toEqual(['a', 'a/b', 'ab']);
  expect(textOf(...events)).toContain(
    '3 of 6 folders complete; .: may have more pages; c: may have more pages\n  c/d: may have more pages; there may be more folders',
  );
  // In a list, any folder may come again.
  const tally = new FolderTally();
  tally.found(
    [
      { folder: 'a', pages: 1, skipped: 1 },
      { folder: 'b', pages: 1, skipped: 1 },
    ],
    { isInAnyOrder: true },
  );
  expect(tally.summaries()?.folders.some(({ complete }) => complete)).toBe(false);
});

test('names the first folders that lack something, in lines that fit', () => {
  const many = Array.from(
    { length: 50 },
    (_, n) => [`volume-${n}/${'long '.repeat(20)}`, 2, n < 5 ? 2 : 0] as const,
  );
  const text = textOf(found(1, ...many), at(1, { type: 'pages-found', pages: 100, skipped: 10 }));
  const lines = text.split('\n').filter((line) => /folders|: 2 left|more/.test(line));
  expect(lines[0]).toMatch(/^5 of 50 folders complete/);
  expect(lines.at(-1)).toContain('and 40 more');
  for (const line of lines) expect(line.length).toBeLessThan(80);
});

test('100,000 folders: the first thousand that are not complete, and true totals', () => {
  const tally = new FolderTally();
  const folders = Array.from({ length: 100_000 }, (_, n) => ({
    folder: `chapter-${n}`,
    pages: 1,
    skipped: n % 2,
  }));
  tally.found(folders, { isInAnyOrder: false });
  tally.foundAll();
  const summaries = tally.summaries();
  const listed = listFolders(summaries ?? { folders: [], mayHaveMore: false });
  expect(listed.folderTotals).toEqual({ folders: 100_000, complete: 50_000 });
  expect(listed.folders).toHaveLength(1000);
  expect(listed.folders.every(({ complete }) => !complete)).toBe(true);
  const long = folders.slice(0, 900).map((one) => ({ ...one, folder: one.folder.padEnd(4000, 'x') }));
  const wide = new FolderTally();
  wide.found(long, { isInAnyOrder: false });
  expect(
    JSON.stringify(listFolders(wide.summaries() ?? { folders: [], mayHaveMore: false })).length,
  ).toBeLessThan(1_000_000);
});
