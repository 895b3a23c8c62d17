import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { Page } from '../../../src/model/page.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { readEntry } from '../../../src/pages/sources/read-entry.ts';
import { ArchivePacker } from '../../../src/store/archives/archive-packer.ts';
import { ArchivePlaces } from '../../../src/store/archives/archive-places.ts';
import { assertOwn } from '../../../src/store/archives/assert-own.ts';
import { PackedOutputs } from '../../../src/store/archives/packed-outputs.ts';
import type { ArchiveLine, LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { FileMover } from '../../../src/store/outputs/file-mover.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const NONE = {
  todo: [],
  because: [],
  skipped: 0,
  done: [],
  unreadable: [],
  collisions: [],
  lines: [],
  brought: [],
};

/** What is said of a page in an earlier run's ledger. */
const lineOf = ({ id, entry }: Page, time = '2025-01-01T00:00:00.000Z'): LedgerLine => ({
  type: 'page-finished',
  time,
  page: id,
  attempt: 1,
  outcome: 'translated',
  source: entry ? { bytes: entry.bytes, mtimeMs: entry.mtimeMs, crc32: entry.crc32 } : null,
  output: { path: `.mgpu/archives/${id}`, bytes: `made of ${id}`.length },
  options: 'hash',
});

/** A packer at work in a temporary folder, and all that it said. */
class Packing {
  readonly events: Happening[] = [];
  readonly lines: ArchiveLine[] = [];
  /** Of earlier runs: archives, and their pages. */
  readonly archives = new Map<string, ArchiveLine>();
  readonly done = new Map<string, LedgerLine>();
  readonly failed: unknown[] = [];
  readonly packer: ArchivePacker;
  readonly #root: string;

  private constructor(root: string, onFailed: 'leave' | 'copy', archives: readonly ArchiveLine[]) {
    this.#root = root;
    const places = new ArchivePlaces({ output: root }, 'pack');
    const lines = this.archives;
    for (const line of archives) lines.set(line.archive, line);
    this.packer = new ArchivePacker({
      outputRoot: root,
      places,
      options: { onFailed },
      ledger: { append: async (line) => void (line.type === 'archive' && this.lines.push(line)) },
      lines,
      packed: new PackedOutputs(lines, places),
      lineOf: (page) => this.done.get(page),
      mover: new FileMover(),
      emit: (event) => this.events.push(event),
      fail: (error) => this.failed.push(error),
      kill: new AbortController().signal,
    });
  }

  static async make({ onFailed = 'leave' }: { onFailed?: 'leave' | 'copy' } = {}): Promise<Packing> {
    const root = await tempFolder();
    await mkdir(path.join(root, '.mgpu'));
    return new Packing(root, onFailed, []);
  }

  /** The next run over the same archives and outputs. */
  next(): Packing {
    return new Packing(this.#root, 'leave', this.lines);
  }

  /** Writes an archive among the inputs. Answers with its pages, which are found. */
  async found(
    id: string,
    entries: readonly ZipEntry[],
    takes: (page: Page) => boolean = () => true,
  ): Promise<Page[]> {
    const file = path.join(this.#root, `in-${id}`);
    await writeFile(file, zipOf(entries));
    const directory = await readDirectory(file);
    if ('trouble' in directory) throw new Error(directory.trouble);
    const { bytes, mtimeMs, directoryCrc } = directory;
    const pages = directory.entries.length;
    const archive = {
      id,
      path: file,
      bytes,
      mtimeMs,
      directoryCrc,
      pages,
      outputs: `.mgpu/archives/${id}`,
    };
    const all = directory.entries.map((entry) => ({
      id: `${id}/${entry.name}`,
      path: `${file}/${entry.name}`,
      entry: { ...entry, archive },
    }));
    const walked = all.filter((page) => takes(page));
    const done = walked.filter((page) => this.done.has(page.id));
    const todo = walked.filter((page) => !done.includes(page));
    await this.packer.found({ ...NONE, walked, done, todo });
    return todo;
  }

  /** A page is found whose archive was packed by an earlier run. */
  async settled(id: string, settledIn: string): Promise<void> {
    const page = { id, path: id, settledIn };
    await this.packer.found({ ...NONE, walked: [page], done: [page] });
  }

  /** Writes the output of a page, and tells of it. */
  async made(page: Page | undefined): Promise<void> {
    if (page === undefined) throw new Error('no such page');
    const at = `.mgpu/archives/${page.id}`;
    await mkdir(path.dirname(path.join(this.#root, at)), { recursive: true });
    await writeFile(path.join(this.#root, at), `made of ${page.id}`);
    this.packer.ended(page, { outcome: 'translated', at });
  }

  /** What lies in the output, hidden names and inputs apart. */
  async outputs(): Promise<string[]> {
    return (await readdir(this.#root)).filter((name) => !/^(?:\.|in-)/.test(name)).sort();
  }

  write(name: string, content: string | Buffer): Promise<void> {
    return writeFile(path.join(this.#root, name), content);
  }

  async folder(name: string): Promise<void> {
    await mkdir(path.join(this.#root, name));
  }

  /** What is in a packed archive, in its order. */
  async contentOf(name: string): Promise<string[]> {
    const file = path.join(this.#root, name);
    const directory = await readDirectory(file);
    if ('trouble' in directory) return [directory.trouble];
    const archive = { ...ARCHIVE, ...directory, path: file, pages: 1 };
    return directory.entries.map((entry) => readEntry({ ...entry, archive }).bytes.toString());
  }

  async waiting(): Promise<string[]> {
    return readdir(path.join(this.#root, '.mgpu'), { recursive: true });
  }
}

const ARCHIVE = {
  id: 'a.cbz',
  path: '/in/a.cbz',
  bytes: 1,
  mtimeMs: 1,
  directoryCrc: 1,
  pages: 2,
  outputs: '.mgpu/archives/a.cbz',
};

function ownSetup(output: string, overwrite?: 'all' | 'changed') {
  const places = new ArchivePlaces({ output }, 'pack');
  const lines = new Map<string, ArchiveLine>();
  return { places, lines, packed: new PackedOutputs(lines, places), overwrite };
}

const TWO: readonly ZipEntry[] = [
  { name: '1.png', content: 'one' },
  { name: '2.png', content: 'two' },
];

test('packs an archive with its last page, and removes what waited', async () => {
  const packing = await Packing.make();
  const [one, two] = await packing.found('a.cbz', TWO);
  await packing.made(one);
  await packing.packer.finish();
  expect(await packing.outputs()).toEqual([]);
  await packing.made(two);
  await packing.packer.finish();
  expect(await packing.outputs()).toEqual(['a.cbz']);
  expect(await packing.waiting()).toEqual([]);
  expect(packing.events).toMatchObject([
    { type: 'archive-packed', archive: 'a.cbz', output: 'a.cbz', pages: 2 },
  ]);
  expect(packing.lines).toMatchObject([{ pages: 2, outcomes: { translated: 2 }, output: 'a.cbz' }]);
});

test.each([
  ['leave', 'a.incomplete.cbz', true],
  ['copy', 'a.cbz', undefined],
] as const)(
  'with a page that failed, and --on-failed %s: %s; what is good waits',
  async (onFailed, output, incomplete) => {
    const packing = await Packing.make({ onFailed });
    const [one, two] = await packing.found('a.cbz', TWO);
    await packing.made(one);
    if (two) packing.packer.ended(two, { outcome: 'failed' });
    await packing.packer.finish();
    expect(await packing.outputs()).toEqual([output]);
    expect(await packing.waiting()).toContain('archives/a.cbz/1.png');
    expect(packing.events[0]).toMatchObject({ output, pages: 1, ...(incomplete && { incomplete }) });
  },
);

test('one that can not be packed is told, keeps its pages, and the others are packed', async () => {
  const packing = await Packing.make();
  const [one, two] = await packing.found('a.cbz', TWO);
  const [other] = await packing.found('b.cbz', TWO.slice(1));
  await packing.write('in-a.cbz', 'changed');
  for (const page of [one, two, other]) await packing.made(page);
  expect(packing.failed).toEqual([]);
  await packing.packer.finish();
  expect(await packing.outputs()).toEqual(['b.cbz']);
  expect(await packing.waiting()).toContain('archives/a.cbz/2.png');
  expect(packing.failed).toMatchObject([
    { exitCode: 3, message: expect.stringMatching(/a\.cbz could not be packed/) },
  ]);
});

test('a file that no run wrote is not overwritten', async () => {
  const packing = await Packing.make();
  await packing.write('a.cbz', 'somebody else’s');
  await expect(packing.found('a.cbz', TWO)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/no run wrote it/),
  });
});

test('what is called like an incomplete one, and is none of this archive, stays', async () => {
  const packing = await Packing.make();
  await packing.write('a.incomplete.cbz', 'somebody else’s');
  for (const page of await packing.found('a.cbz', TWO)) await packing.made(page);
  const [one, two] = await packing.found('b.cbz', TWO);
  for (const page of await packing.found('b.incomplete.cbz', TWO)) await packing.made(page);
  await packing.made(one);
  if (two) packing.packer.ended(two, { outcome: 'failed' });
  await packing.packer.finish();
  expect(await packing.outputs()).toEqual(['a.cbz', 'a.incomplete.cbz', 'b.incomplete.cbz']);
  expect(packing.failed).toMatchObject([
    { exitCode: 3, message: expect.stringMatching(/b\.cbz could not be packed: .* came of b\.incomplete/) },
  ]);
  expect(await packing.waiting()).toContain('archives/b.cbz/1.png');
});

test('what waited for an archive that is done goes, even where a run was killed before', async () => {
  const packing = await Packing.make();
  await packing.made((await packing.found('a.cbz', TWO))[0]);
  expect(await packing.waiting()).toContain('archives/a.cbz/1.png');
  await packing.settled('a.cbz/1.png', 'a.cbz');
  expect(await packing.waiting()).toEqual([]);
});

test.each(['changed', undefined] as const)(
  'with --overwrite %s what no run wrote stays',
  async (overwrite) => {
    const root = await tempFolder();
    await writeFile(path.join(root, 'a.cbz'), 'somebody else’s');
    await expect(assertOwn([ARCHIVE], ownSetup(root, overwrite))).rejects.toMatchObject({ exitCode: 3 });
    await expect(assertOwn([ARCHIVE], ownSetup(root, 'all'))).resolves.toBeUndefined();
  },
);

test.each(['a.cbz', 'a.incomplete.cbz'])(
  'a folder in the place of %s is told before any work',
  async (name) => {
    const root = await tempFolder();
    await mkdir(path.join(root, name));
    await expect(assertOwn([ARCHIVE], ownSetup(root, 'all'))).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/and a folder is there/),
    });
  },
);

test('a file where a folder of archives goes is told before any work', async () => {
  const root = await tempFolder();
  await writeFile(path.join(root, 'sub'), '');
  await expect(assertOwn([{ ...ARCHIVE, id: 'sub/a.cbz' }], ownSetup(root))).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/a part of this path is a file/),
  });
});

test('one that can not be put into place leaves no temporary file', async () => {
  const packing = await Packing.make();
  const [one] = await packing.found('a.cbz', TWO.slice(0, 1));
  await packing.folder('a.cbz');
  await packing.made(one);
  await packing.packer.finish();
  expect(packing.failed).toHaveLength(1);
  expect(await packing.waiting()).toEqual(['archives', 'archives/a.cbz', 'archives/a.cbz/1.png']);
});

test('a page of an earlier run stays in the archive where a filter leaves it out', async () => {
  const first = await Packing.make();
  const [one] = await first.found('a.cbz', TWO, ({ id }) => id.endsWith('1.png'));
  await first.made(one);
  await first.packer.finish();
  expect(first.lines).toMatchObject([{ pages: 2, outcomes: { translated: 1 } }]);

  const second = first.next();
  if (one) second.done.set(one.id, lineOf(one));
  const [two] = await second.found('a.cbz', TWO, ({ id }) => id.endsWith('2.png'));
  await second.made(two);
  await second.packer.finish();
  expect(second.lines).toMatchObject([{ pages: 2, outcomes: { translated: 2 } }]);
  expect(await second.contentOf('a.cbz')).toEqual(['made of a.cbz/1.png', 'made of a.cbz/2.png']);
  expect(await second.waiting()).toEqual([]);
});

test('pages that are in the packed archive alone stay, also where that is older than its line', async () => {
  const first = await Packing.make();
  const pages = await first.found('a.cbz', TWO.slice(0, 1));
  for (const page of pages) await first.made(page);
  await first.packer.finish();
  expect(await first.waiting()).toEqual([]);

  // The line of a run that was killed before it had put the new archive into place.
  const second = first.next();
  const [line] = first.lines;
  if (line) second.archives.set('a.cbz', { ...line, outputBytes: 1 });
  for (const page of pages) second.done.set(page.id, lineOf(page));
  const [, two] = [...pages, ...(await second.found('a.cbz', TWO))];
  await second.made(two);
  await second.packer.finish();
  expect(second.failed).toEqual([]);
  expect(await second.contentOf('a.cbz')).toEqual(['made of a.cbz/1.png', 'made of a.cbz/2.png']);
});

test('an archive that was edited since and has all pages stays as it is, and is noted', async () => {
  const first = await Packing.make();
  const pages = await first.found('a.cbz', TWO);
  for (const page of pages) await first.made(page);
  await first.packer.finish();
  const edited = zipOf([
    { name: '1.png', content: 'made by hand' },
    { name: '2.png', content: 'made of a.cbz/2.png' },
    { name: 'ComicInfo.xml', content: 'tagged' },
  ]);
  await first.write('a.cbz', edited);
  const second = first.next();
  for (const page of pages) second.done.set(page.id, lineOf(page));
  await second.found('a.cbz', TWO);
  await second.packer.finish();
  expect(await second.contentOf('a.cbz')).toEqual(['made by hand', 'made of a.cbz/2.png', 'tagged']);
  expect(second.lines).toMatchObject([{ outputBytes: edited.length }]);
});
