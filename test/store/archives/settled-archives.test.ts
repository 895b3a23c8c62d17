import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { RunOptions } from '../../../src/model/run-options.ts';
import { ArchivePlaces } from '../../../src/store/archives/archive-places.ts';
import { settledArchives } from '../../../src/store/archives/settled-archives.ts';
import type { ArchiveLine, LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const NOW = { id: 'a.cbz', bytes: 10, mtimeMs: 20 };
const LINE: ArchiveLine = {
  type: 'archive',
  time: '2025-01-01T00:00:00.000Z',
  archive: 'a.cbz',
  bytes: 10,
  mtimeMs: 20,
  directoryCrc: 30,
  pages: 2,
  outcomes: { translated: 1, 'no-text': 1 },
  output: 'a.cbz',
  outputBytes: 4,
};

const lineOf = (page: string, outcome: Outcome): LedgerLine => ({
  type: 'page-finished',
  time: LINE.time,
  page,
  attempt: 1,
  outcome,
  source: null,
  output: null,
  options: 'hash',
});

/** The settled pages of `a.cbz`, packed as `line` says, with `asked` as this run's options. */
async function settled({
  line = LINE,
  now = NOW,
  overwrite,
  hash = 'hash',
  second = 'no-text',
}: {
  line?: ArchiveLine;
  now?: typeof NOW & { directoryCrc?: number };
  overwrite?: RunOptions['overwrite'];
  hash?: string;
  second?: Outcome;
} = {}): Promise<readonly string[] | undefined> {
  const output = await tempFolder();
  await writeFile(path.join(output, 'a.cbz'), 'done');
  const ids = [
    ['a.cbz/1.png', 'translated'],
    ['a.cbz/b/2.png', second],
    ['b.png', 'translated'],
  ] as const;
  const pages = new Map(ids.map(([id, outcome]) => [id, lineOf(id, outcome)]));
  const ledgers = { pages, archives: new Map([[line.archive, line]]) };
  return settledArchives({
    ledgers: () => Promise.resolve(ledgers),
    places: new ArchivePlaces({ output }, 'pack'),
    overwrite,
    optionsHash: hash,
  })(now);
}

const PAGES = ['a.cbz/1.png', 'a.cbz/b/2.png'];

test('an archive that was packed whole, and has not changed, is settled', async () => {
  expect(await settled()).toEqual(PAGES);
  expect(await settled({ hash: 'other' })).toEqual(PAGES);
  expect(await settled({ now: { ...NOW, mtimeMs: 1, directoryCrc: 30 } })).toEqual(PAGES);
});

test.each<[why: string, with_: Parameters<typeof settled>[0]]>([
  ['it changed', { now: { ...NOW, bytes: 11 } }],
  ['it may have changed', { now: { ...NOW, mtimeMs: 1 } }],
  ['its content changed', { now: { ...NOW, mtimeMs: 1, directoryCrc: 31 } }],
  ['a page failed', { line: { ...LINE, outcomes: { translated: 1, failed: 1 } } }],
  ['a page was left out', { line: { ...LINE, pages: 3 } }],
  ['a page is not known to be good', { second: 'failed' }],
  ['its output has another size', { line: { ...LINE, outputBytes: 5 } }],
  ['all is made again', { overwrite: 'all' }],
  ['what other options made is made again', { overwrite: 'changed', hash: 'other' }],
  ['it is another one', { line: { ...LINE, archive: 'b.cbz' } }],
])('it is opened where %s', async (_why, with_) => {
  expect(await settled(with_)).toBeUndefined();
});
