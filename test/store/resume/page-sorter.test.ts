import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Page, PageId } from '../../../src/model/page.ts';
import { crcOfFile } from '../../../src/pages/source-crc.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { PageSorter } from '../../../src/store/resume/page-sorter.ts';
import type { ResumeSetup } from '../../../src/store/resume/resume-setup.ts';
import { lineOf } from '../lines.ts';

let root: string;
let ledger: Map<PageId, LedgerLine>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-'));
  ledger = new Map();
});

async function put(path: string, text: string): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  return join(root, path);
}
const page = async (id: string): Promise<Page> => ({ id, path: await put(`in/${id}`, `source of ${id}`) });

/** A page that an earlier run translated. */
async function donePage(id: string, but: Partial<LedgerLine> = {}): Promise<Page> {
  const done = await page(id);
  await put(`out/${id}`, 'whole');
  const { size, mtimeMs } = await stat(done.path);
  const source = { bytes: size, mtimeMs, crc32: await crcOfFile(done.path) };
  ledger.set(id, lineOf(id, { source, output: { path: id, bytes: 5 }, ...but }));
  return done;
}

const setup = (but: Partial<ResumeSetup> = {}): ResumeSetup => ({
  ledger,
  optionsByHash: new Map([['hash-then', { translator: 'demo', args: ['-l', 'ENG'] }]]),
  outputRoot: join(root, 'out'),
  outputExisted: true,
  optionsHash: 'hash-now',
  options: { translator: 'demo', args: ['-l', 'DEU'] },
  outputName: ({ id }) => id,
  isImageName: (name) => ['.png', '.jpg', '.webp'].includes(extname(name)),
  isWhole: async (path) => (await readFile(path, 'utf8')).startsWith('whole'),
  now: () => new Date('2026-05-05T05:05:05Z'),
  ...but,
});

async function sortOut(pages: readonly Page[], how: ResumeSetup) {
  const sorter = new PageSorter(how);
  return { ...(await sorter.sortOut(pages)), notices: sorter.notices() };
}

test('tells pages to do from those that are done, in their order', async () => {
  const pages = [
    await page('new.png'),
    await donePage('ch1/done.png'),
    await donePage('lost.png'),
    await page('z.png'),
  ];
  await rm(join(root, 'out/lost.png'));
  const { todo, skipped, notices } = await sortOut(pages, setup());
  expect(todo.map(({ id }) => id)).toEqual(['new.png', 'lost.png', 'z.png']);
  expect(skipped).toBe(1);
  expect(notices).toEqual([{ level: 'info', text: '1 output is truncated or missing: translated again.' }]);
});

test('looks at no file where there was no output', async () => {
  const look = () => Promise.reject(new Error('looked'));
  const pages = [await page('a.png'), await donePage('b.png')];
  const { todo } = await sortOut(
    pages,
    setup({ outputExisted: false, stampsOf: look, listFolder: look, isWhole: look }),
  );
  expect(todo).toEqual(pages);
});

test('what the demo made is made again by a translator, and kept by the demo; what it adopted is kept', async () => {
  const pages = [
    await donePage('stamped.png', { options: 'hash-then' }),
    await donePage('stamped too.png', { options: 'hash-then' }),
    await donePage('found.png', { options: 'hash-then', adopted: true }),
    await donePage('mine.png'),
  ];
  const script = { translator: 'script', script: '/x/translate.py' };
  const by = await sortOut(pages, setup({ options: script }));
  expect(by.todo.map(({ id }) => id)).toEqual(['stamped.png', 'stamped too.png']);
  expect(by.notices).toContainEqual({
    level: 'info',
    text: '2 pages were made by the demo: they are translated now, and their outputs replaced.',
  });
  expect((await sortOut(pages, setup())).todo).toEqual([]);
  const made = new Map([['hash-then', script]]);
  expect((await sortOut(pages, setup({ optionsByHash: made }))).todo).toEqual([]);
});

test('reads a source with a new time once: its line is renewed', async () => {
  const pages = [await donePage('same.png'), await donePage('other.png')];
  for (const { path } of pages) await utimes(path, 1, 1);
  await writeFile(join(root, 'in/other.png'), 'SOURCE OF other.png');
  const { todo, skipped, renewed } = await sortOut(pages, setup());
  expect({ todo: todo.map(({ id }) => id), skipped }).toEqual({ todo: ['other.png'], skipped: 1 });
  const before = ledger.get('same.png');
  expect(renewed).toEqual([{ ...before, source: { ...before?.source, mtimeMs: 1000 } }]);
});

test('keeps what other options made with one warning that names them', async () => {
  const sorter = new PageSorter(setup());
  await sorter.sortOut([await donePage('a.png', { options: 'hash-then' })]);
  await sorter.sortOut([await donePage('b.png', { options: 'hash-then' })]);
  expect(sorter.tally.skipped).toBe(2);
  expect(sorter.notices()).toEqual([
    {
      level: 'warn',
      text:
        '2 pages were made with other options and kept: args "-l ENG" (now "-l DEU"). ' +
        '--overwrite changed translates them again.',
    },
  ]);
});

test('does them again with --overwrite changed, and all with all', async () => {
  const pages = [await donePage('a.png', { options: 'hash-then' }), await donePage('b.png')];
  const changed = await sortOut(pages, setup({ overwrite: 'changed' }));
  expect(changed.todo.map(({ id }) => id)).toEqual(['a.png']);
  expect(changed.notices).toEqual([]);
  expect((await sortOut(pages, setup({ overwrite: 'all' }))).todo).toEqual(pages);
});

test('keeps an output that was touched up, and does a cut one again', async () => {
  const pages = [await donePage('a.png'), await donePage('b.png')];
  await put('out/a.png', 'whole and nicer');
  await put('out/b.png', 'who');
  const { todo, notices } = await sortOut(pages, setup());
  expect(todo.map(({ id }) => id)).toEqual(['b.png']);
  expect(notices[0]).toMatchObject({ level: 'warn', text: expect.stringMatching(/^1 output .*kept/) });
});

test('adopts whole files that no ledger knows', async () => {
  const pages = [await page('ch 1/a.png'), await page('ch 1/b.png')];
  await put('out/ch 1/a.png', 'whole');
  await put('out/ch 1/b.png', 'cut');
  const { todo, skipped, adopted } = await sortOut(pages, setup());
  expect(todo.map(({ id }) => id)).toEqual(['ch 1/b.png']);
  expect(skipped).toBe(1);
  expect(adopted).toMatchObject([
    {
      ...{ type: 'page-finished', time: '2026-05-05T05:05:05.000Z', page: 'ch 1/a.png', attempt: 0 },
      ...{
        outcome: 'translated',
        adopted: true,
        options: 'hash-now',
        output: { path: 'ch 1/a.png', bytes: 5 },
      },
      source: { bytes: 20, crc32: await crcOfFile(pages[0]?.path ?? '') },
    },
  ]);
});

test.each([
  ['the only image of the stem', ['a.jpg'], ['a.webp', 'a.txt'], 'a.webp'],
  ['the exact name before all', ['a.jpg'], ['a.jpg', 'a.webp'], 'a.jpg'],
  ['none of two images', ['a.jpg'], ['a.webp', 'a.png'], undefined],
  ['nothing that another page has a claim to', ['a.jpg', 'a.png'], ['a.webp'], undefined],
  ['nothing of a longer stem', ['a.jpg'], ['a.b.jpg'], undefined],
])('adopts %s', async (_what, sources, outputs, expected) => {
  const pages = await Promise.all(sources.map(page));
  for (const name of outputs) await put(`out/${name}`, 'whole');
  const { adopted } = await sortOut(pages.slice(0, 1), setup());
  expect(adopted[0]?.output?.path).toBe(expected);
});

test('leaves pages that nobody can read to the run', async () => {
  const pages = [{ id: 'a\\xff.png', path: '/nowhere', unreadable: 'no UTF-8' }, await donePage('b.png')];
  await rm(join(root, 'in/b.png'));
  expect((await sortOut(pages, setup())).todo).toEqual(pages);
});

test('does not take for its own what is another page’s by the ledger', async () => {
  const pages = [await page('a.jpg')];
  await put('out/a.webp', 'whole');
  const { todo, adopted } = await sortOut(pages, setup({ ownerOf: () => 'a.png' }));
  expect({ todo, adopted }).toEqual({ todo: pages, adopted: [] });
});

test('counts nothing behind the last of the pages to take', async () => {
  const pages = [await donePage('1.png'), await page('2.png'), await donePage('3.png'), await page('4.png')];
  await put('out/4.png', 'whole');
  const sorter = new PageSorter(setup());
  const sorted = await sorter.sortOut(pages, 1);
  expect(sorted).toMatchObject({ todo: [pages[1]], skipped: 1, adopted: [] });
  expect(sorter.tally).toMatchObject({ todo: { new: 1 }, skipped: 1, adopted: 0 });
});

test('warns of outputs that another source replaces', async () => {
  const pages = [await donePage('1.png'), await donePage('2.png')];
  for (const { path } of pages) await writeFile(path, 'the same page of another chapter');
  expect((await sortOut(pages, setup())).notices).toEqual([
    { level: 'warn', text: expect.stringMatching(/^2 pages have a different source .*replaced.*-o/) },
  ]);
});

test('a stop leaves the rest unsorted', async () => {
  const pages = [await page('1.png'), await page('2.png')];
  for (const { id } of pages) await put(`out/${id}`, 'whole');
  const stop = new AbortController();
  const stampsOf = async () => {
    stop.abort();
    return [];
  };
  const sorted = await sortOut(pages, setup({ stop: stop.signal, stampsOf }));
  expect(sorted).toMatchObject({ todo: [], skipped: 0, adopted: [] });
});
