import { expect, test } from 'vitest';
import type { ArchiveEntry, SourceStamp } from '../../../src/model/page.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { findElsewhere } from '../../../src/store/resume/find-elsewhere.ts';

const STAMP: SourceStamp = { bytes: 7, mtimeMs: 1 };
const WAITING = '.mgpu/archives/a.cbz';

const entryIn = (path: string, outputs = ''): ArchiveEntry => ({
  archive: { id: 'a.cbz', path, bytes: 1, mtimeMs: 1, directoryCrc: 1, pages: 1, outputs },
  name: '1.png',
  offset: 0,
  isDeflated: false,
  compressedBytes: 7,
  ...STAMP,
  crc32: 1,
});
const PACKED = entryIn('/out/a.cbz');

const lineAt = (path: string): LedgerLine => ({
  type: 'page-finished',
  time: '2025-01-01T00:00:00.000Z',
  page: 'a.cbz/1.png',
  attempt: 1,
  outcome: 'translated',
  source: null,
  output: { path, bytes: 7 },
  options: 'hash',
});

/** What is found with the outputs of the archive in `outputs`, and `files` there. */
function found({
  outputs,
  at,
  files = [],
  packed,
}: {
  outputs: string;
  at?: string;
  files?: readonly string[];
  packed?: ArchiveEntry;
}) {
  const page = { id: 'a.cbz/1.png', path: '/in/a.cbz/1.png', entry: entryIn('/in/a.cbz', outputs) };
  const stampOf = async (name: string): Promise<SourceStamp | null> => (files.includes(name) ? STAMP : null);
  const isWaiting = at?.startsWith('.mgpu') === true;
  const known = {
    line: at === undefined ? undefined : lineAt(at),
    file: at !== undefined && files.includes(at) ? STAMP : null,
  };
  return findElsewhere(page, known, {
    stampOf,
    packed: {
      entryOf: async () => packed,
      standingOf: async () => packed,
      movedTo: () => (isWaiting && outputs === 'a' ? 'a/1.png' : undefined),
    },
  });
}

test('a run that packs leaves outputs where they are', async () => {
  const outputs = WAITING;
  const at = `${WAITING}/1.png`;
  expect(await found({ outputs, at, files: [at], packed: PACKED })).toBeUndefined();
  expect(await found({ outputs, at, packed: PACKED })).toEqual({ name: at, output: STAMP, isWhole: true });
  expect(await found({ outputs, at })).toBeUndefined();
  expect(await found({ outputs, packed: PACKED })).toMatchObject({ name: at, isWhole: true });
  expect(await found({ outputs, at: 'a/1.png', files: ['a/1.png'] })).toBeUndefined();
});

test('a run that makes folders brings what waits, or what is packed', async () => {
  const outputs = 'a';
  const at = `${WAITING}/1.png`;
  const [to, from] = ['a/1.png', { path: '/out/a.cbz/1.png', entry: PACKED }];
  expect(await found({ outputs, at, files: [at], packed: PACKED })).toMatchObject({
    bring: { from: at, to },
  });
  expect(await found({ outputs, at, packed: PACKED })).toMatchObject({ name: to, bring: { from, to } });
  expect(await found({ outputs, at: to, packed: PACKED })).toMatchObject({ bring: { from, to } });
  expect(await found({ outputs, packed: PACKED })).toMatchObject({ name: to, bring: { from, to } });
  expect(await found({ outputs, at })).toBeUndefined();
});

test('what stands in the folder already is not written over', async () => {
  const at = `${WAITING}/1.png`;
  expect(await found({ outputs: 'a', at, files: [at, 'a/1.png'] })).toEqual({
    name: 'a/1.png',
    output: STAMP,
    isWhole: false,
  });
  expect(await found({ outputs: 'a', at: 'a/1.png', files: ['a/1.png'], packed: PACKED })).toBeUndefined();
});
