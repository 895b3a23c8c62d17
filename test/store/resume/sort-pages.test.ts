import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { Inspector } from '../../../src/pages/inspector.ts';
import { realPathOf } from '../../../src/pages/linked-folders.ts';
import { dealRound } from '../../../src/pages/part-filter.ts';
import { noSightings } from '../../../src/pages/sightings.ts';
import { pagesOfInputs } from '../../../src/run/pages-of-inputs.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { Originals } from '../../../src/store/outputs/originals.ts';
import { sortOutPages } from '../../../src/store/resume/found-pages.ts';
import type { FinderSetup } from '../../../src/store/resume/sort-pages.ts';
import { TINY_PNG } from '../../fixtures/trouble.ts';
import { lineOf } from '../lines.ts';

const page = (id: string) => ({ id, path: `/in/${id}` });
const IDS = ['a/1.png', 'a/2.png', 'a/b/1.png', 'a/3.png', 'c/1.png', 'd/1.png', '0.png'];

/** Which part takes each page. */
const dealt = (of: number, byFolder: boolean): number[][] => {
  const parts = Array.from({ length: of }, (_, at) => dealRound({ index: at + 1, of }, byFolder));
  return IDS.map((id) => parts.flatMap((takes, at) => (takes(page(id)) ? [at + 1] : [])));
};

test('deals pages round: each belongs to one part, and parts differ by one page at most', () => {
  expect(dealt(3, false)).toEqual([[1], [2], [3], [1], [2], [3], [1]]);
});

test('deals whole folders round, also where a subfolder stands among a folder’s pages', () => {
  expect(dealt(2, true)).toEqual([[1], [1], [2], [1], [1], [2], [1]]);
});

test('one part of one takes all', () => {
  expect(dealt(1, false).flat()).toEqual(IDS.map(() => 1));
  expect(dealt(1, true).flat()).toEqual(IDS.map(() => 1));
});

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-pages-'));
});

interface Given {
  ids: string[];
  /** Relative to the temporary folder. */
  output?: string;
  format?: string;
  options?: object;
  lines?: LedgerLine[];
  setup?: Partial<FinderSetup>;
}

/** Walks `in` and sorts out what is there. */
async function found({ ids, output = 'out', format, options = {}, lines = [], setup = {} }: Given) {
  for (const id of ids) {
    await mkdir(dirname(join(root, 'in', id)), { recursive: true });
    await writeFile(join(root, 'in', id), 'page');
  }
  const folder = join(root, output);
  const originals = new Originals({
    folders: { output: folder, existed: true },
    real: await realPathOf(folder),
    isForeign: false,
  });
  originals.addTree(await realPathOf(join(root, 'in')));
  const resolved = {
    originals,
    inputs: { root: join(root, 'in'), entries: [{ kind: 'folder', path: join(root, 'in') }] },
    folders: { output: folder, work: join(folder, '.mgpu/work'), existed: true },
    byFolder: false,
    shaping: {},
    optionsHash: 'hash-now',
    translator: {
      outputName: (id: string) => (format === undefined ? id : id.replace(/[^.]+$/, format)),
    },
  } as unknown as Parameters<typeof sortOutPages>[1] & Parameters<typeof pagesOfInputs>[0];
  const all = { include: [], exclude: [], ...options } as unknown as Parameters<typeof sortOutPages>[2];
  const pages = new Map(lines.map((line) => [line.page, line]));
  const ledgers = {
    pages,
    optionsByHash: new Map(),
    outputNames: new Map(),
    refusals: new Map(),
    archives: new Map(),
    broken: 0,
    files: [],
  };
  const chunks = pagesOfInputs(resolved, all, noSightings());
  const inspector = new Inspector();
  const sorted = await sortOutPages(chunks, resolved, all, { ledgers, folding: 'none', inspector, ...setup });
  return {
    todo: sorted.todo.map(({ id }) => id),
    collisions: sorted.collisions.map((collision) => `${collision.page.id} with ${collision.with}`),
    pages: sorted.pages,
    later: sorted.later,
    failedBefore: sorted.todo.flatMap(({ id }) => (sorted.because.get(id) === 'not-good' ? [id] : [])),
  };
}

test('a page collides with one of another part too', async () => {
  const part = (index: number) => ({
    ids: ['a.jpg', 'a.png'],
    format: 'png',
    options: { part: { index, of: 2 } },
  });
  expect(await found(part(1))).toMatchObject({ todo: ['a.jpg'], collisions: [], pages: 1 });
  expect(await found(part(2))).toMatchObject({ todo: [], collisions: ['a.png with a.jpg'], pages: 1 });
});

test('a page collides with what an earlier run made of another one, while that stands', async () => {
  const lines = [lineOf('1.jpg', { output: { path: '1.png', bytes: 4 } })];
  expect((await found({ ids: ['1.png'], lines })).todo).toEqual(['1.png']);
  await mkdir(join(root, 'out'));
  await writeFile(join(root, 'out/1.png'), 'made');
  expect(await found({ ids: ['1.png'], lines })).toMatchObject({
    todo: [],
    collisions: ['1.png with 1.jpg'],
    pages: 1,
  });
});

test('what stands behind the last page of a limit does not count', async () => {
  const given = { ids: ['1.jpg', '1.png', '2.jpg', '2.png'], format: 'png' };
  expect(await found({ ...given, options: { limit: 1 } })).toMatchObject({
    todo: ['1.jpg'],
    collisions: [],
    pages: 1,
  });
  expect((await found({ ...given, options: { limit: 2 } })).collisions).toEqual(['1.png with 1.jpg']);
});

test('an output around the input leaves no page out, and writes over no original', async () => {
  const sorted = await found({ ids: ['1.png', 'ch/1.png', 'in/1.png'], output: '.' });
  expect(sorted).toMatchObject({
    todo: ['1.png', 'ch/1.png'],
    collisions: ['in/1.png with 1.png'],
    pages: 3,
  });
});

test('an output in the input is left out', async () => {
  const given = { ids: ['1.png', 'done/2.png'], output: 'in/done' };
  expect((await found(given)).todo).toEqual(['1.png']);
});

test('a stopped run looks at no more pages', async () => {
  const sorted = await found({ ids: ['1.png'], setup: { stop: AbortSignal.abort() } });
  expect(sorted.pages).toBe(0);
});

const [DECOMPOSED, COMPOSED] = ['Cafe\u0301/1.png', 'Caf\u00e9/1.png'];

test('pages that were copied from a disk that writes accents apart are not done again', async () => {
  const lines = [lineOf(DECOMPOSED, { outcome: 'failed', output: null })];
  expect((await found({ ids: [COMPOSED], lines })).failedBefore).toEqual([COMPOSED]);
});

test('two pages whose names differ by their form alone each have a line of their own', async () => {
  const lines = [lineOf(DECOMPOSED, { outcome: 'failed', output: null })];
  expect((await found({ ids: [DECOMPOSED, COMPOSED], lines })).failedBefore).toEqual([DECOMPOSED]);
});

test('an output under the name in another form is taken as the page’s, unless another page has that name', async () => {
  await mkdir(join(root, 'out/Caf\u00e9'), { recursive: true });
  await writeFile(join(root, 'out/\u00e9.png'), TINY_PNG);
  expect((await found({ ids: ['e\u0301.png'] })).todo).toEqual([]);
  expect((await found({ ids: ['e\u0301.png', '\u00e9.png'] })).todo).toEqual(['e\u0301.png']);
});

test('names that a disk takes for one collide, and only there', async () => {
  const ids = ['e\u0301.png', '\u00e9.png', 'A.png', 'a.png'];
  expect((await found({ ids, setup: { folding: 'none' } })).collisions).toEqual([]);
  expect((await found({ ids, setup: { folding: 'form' } })).collisions).toEqual([
    '\u00e9.png with e\u0301.png',
  ]);
});

test('pages behind a limit are counted, in whatever chunk they come', async () => {
  const ids = Array.from({ length: 1200 }, (_, at) => `${at}.png`);
  expect((await found({ ids, options: { limit: 2 } })).later).toBe(1198);
  expect((await found({ ids: [], options: { limit: 1200 } })).later).toBe(0);
  expect((await found({ ids: [] })).later).toBeUndefined();
});
