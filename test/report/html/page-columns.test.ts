import { expect, test } from 'vitest';
import {
  inReportOrder,
  type KnownPage,
  MessageTable,
  pageColumns,
} from '../../../src/report/html/page-columns.ts';
import { RunTrack } from '../../../src/report/html/run-track.ts';
import { filterPages } from '../../../src/report-page/page-filter.ts';
import { PageTable } from '../../../src/report-page/page-table.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { manyPages, reportOf, timeOf } from './many-pages.ts';

const line = (page: string, more: Partial<LedgerLine> = {}): LedgerLine => ({
  type: 'page-finished',
  time: timeOf(0),
  page,
  attempt: 1,
  outcome: 'translated',
  source: null,
  output: { path: page, bytes: 1 },
  options: '',
  ...more,
});

/** The table that the page makes of these lines. */
function tableOf(...lines: readonly LedgerLine[]): PageTable {
  const pages = inReportOrder(lines.map((each): KnownPage => ({ id: each.page, line: each })));
  return new PageTable(reportOf(new RunTrack('run', undefined), pages));
}

test('outputs come back as they were, whatever their names', () => {
  const outputs: Readonly<Record<string, string>> = {
    'a/1.png': 'a/1.png',
    'a/2.jpg': 'a/2.png',
    'a/3.jpg': 'a/3_translated.webp',
    'a/4.jpg': 'elsewhere/4.jpg',
    '*.png': '*.png',
    'b.png': '*b.png',
    'b/.hidden': 'b/.hidden',
    'vol.cbz/1.png': '.mgpu/archives/vol.cbz/1.png',
    '5': '5/x.png',
  };
  const table = tableOf(
    ...Object.entries(outputs).map(([page, at]) => line(page, { output: { path: at, bytes: 1 } })),
  );
  const found = Array.from({ length: table.length }, (_, at) => [table.id(at), table.output(at)]);
  expect(Object.fromEntries(found)).toEqual({ ...outputs, 'vol.cbz/1.png': 'vol.cbz/1.png' });
});

test('a page without an output has none; an original in its place is shown', () => {
  const failed = { outcome: 'failed', output: null, reason: 'error', message: 'no' } as const;
  const standIn = { path: 'b.png', bytes: 1, crc32: 1 };
  const table = tableOf(
    line('a.png', failed),
    line('b.png', { ...failed, standIn }),
    line('c.png', { unchanged: true }),
  );
  expect([0, 1, 2].map((at) => table.output(at))).toEqual([undefined, 'b.png', 'c.png']);
  expect([0, 1, 2].map((at) => table.hasOriginalInPlace(at))).toEqual([false, true, false]);
  expect([0, 1, 2].map((at) => table.isUnchanged(at))).toEqual([false, false, true]);
  expect([table.reason(0), table.message(0), table.reason(2)]).toEqual(['error', 'no', undefined]);
  expect([0, 1, 2].map((at) => table.isEarlier(at))).toEqual([true, true, true]);
});

test('pages stand in natural order, folder by folder', () => {
  const table = tableOf(
    ...['b/1.png', 'a/10.png', 'a b/1.png', 'a/2.png', '3.png'].map((page) => line(page)),
  );
  expect(Array.from({ length: table.length }, (_, at) => table.id(at))).toEqual([
    '3.png',
    'a/2.png',
    'a/10.png',
    'a b/1.png',
    'b/1.png',
  ]);
  expect(table.find('a/10.png')).toBe(2);
  expect(table.find('a/11.png')).toBe(-1);
});

test('messages are redacted and bounded, each and together', () => {
  const messages = new MessageTable((text) => text.replace('secret', '[redacted]'));
  const pages = Array.from({ length: 5000 }, (_, at): KnownPage => {
    const message = `secret ${at} ${'x'.repeat(2000)}`;
    return { id: `${at}.png`, line: line(`${at}.png`, { outcome: 'failed', message, output: null }) };
  });
  const columns = pageColumns(pages, { startMs: 0, messages, slotAt: () => -1 });
  expect(columns.messages[0]).toMatch(/^\[redacted\] 0 x+… \(\d+ characters more\)$/);
  expect(columns.messages.join('').length).toBeLessThan(400_000);
  expect(columns.outcome).toBe('f'.repeat(5000));
});

test('times, slots and seconds of 2,000 pages come back to a hundredth', () => {
  const data = manyPages(2000);
  const table = new PageTable(data);
  for (const at of [0, 1, 777, 1999]) {
    const { start = 0, end = 0 } = table.span(at) ?? {};
    expect(end).toBeCloseTo(1 + at / 4 + (at % 7) / 10, 2);
    expect(end - start).toBeCloseTo(0.9, 2);
    expect(table.seconds(at)).toBeCloseTo(0.8 + (at % 13) / 100, 2);
    expect(data.slots[table.slot(at)]?.slot).toBe(['gpu0-0', 'gpu0-1', 'gpu1-0', 'gpu1-1'][at % 4]);
  }
});

test('a filter is met in all its parts', () => {
  const table = new PageTable(manyPages(2000));
  const ids = (filter: Parameters<typeof filterPages>[1]): string[] =>
    [...filterPages(table, filter)].map((at) => table.id(at));
  expect(ids({ outcome: 'failed' })).toHaveLength(7);
  expect(ids({ outcome: 'failed', slot: 1 })).toHaveLength(2);
  expect(ids({ search: 'VOLUME 03 006 error' })).toEqual([]);
  expect(ids({ search: 'volume 02 137 error 6' })).toEqual(['Series 00/Volume 02/137.png']);
  expect(ids({ folder: 'Series 00/Volume 1' })).toEqual([]);
  expect(ids({ folder: 'Series 00' })).toHaveLength(2000);
  const slowest = filterPages(table, { sort: 'slowest' });
  expect(table.seconds(slowest[0] ?? 0)).toBeCloseTo(0.92, 2);
});
