import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import type { Page } from '../../../src/model/page.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { ArchivePacker } from '../../../src/store/archives/archive-packer.ts';
import { ArchivePlaces } from '../../../src/store/archives/archive-places.ts';
import { assertOwn } from '../../../src/store/archives/assert-own.ts';
import { PackedOutputs } from '../../../src/store/archives/packed-outputs.ts';
import type { ArchiveLine } from '../../../src/store/ledger/ledger-line.ts';
import { FileMover } from '../../../src/store/outputs/file-mover.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const NONE = { todo: [], because: [], skipped: 0, done: [], unreadable: [], collisions: [], lines: [] };

/** A packer at work in a temporary folder, and all that it said. */
class Packing {
  readonly events: Happening[] = [];
  readonly lines: ArchiveLine[] = [];
  readonly failed: unknown[] = [];
  readonly packer: ArchivePacker;
  readonly #root: string;

  private constructor(root: string, onFailed: 'leave' | 'copy') {
    this.#root = root;
    const places = new ArchivePlaces({ output: root }, 'pack');
    const lines = new Map<string, ArchiveLine>();
    this.packer = new ArchivePacker({
      outputRoot: root,
      places,
      options: { onFailed },
      ledger: { append: async (line) => void (line.type === 'archive' && this.lines.push(line)) },
      lines,
      packed: new PackedOutputs(lines, places),
      mover: new FileMover(),
      emit: (event) => this.events.push(event),
      fail: (error) => this.failed.push(error),
      kill: new AbortController().signal,
    });
  }

  static async make({ onFailed = 'leave' }: { onFailed?: 'leave' | 'copy' } = {}): Promise<Packing> {
    const root = await tempFolder();
    await mkdir(path.join(root, '.mgpu'));
    return new Packing(root, onFailed);
  }

  /** Writes an archive among the inputs. Answers with its pages, which are found. */
  async found(id: string, entries: readonly ZipEntry[]): Promise<Page[]> {
    const file = path.join(this.#root, `in-${id}`);
    await writeFile(file, zipOf(entries));
    const directory = await readDirectory(file);
    if ('trouble' in directory) throw new Error(directory.trouble);
    const { bytes, mtimeMs } = directory;
    const archive = { id, path: file, bytes, mtimeMs, outputs: `.mgpu/archives/${id}` };
    const walked = directory.entries.map((entry) => ({
      id: `${id}/${entry.name}`,
      path: `${file}/${entry.name}`,
      entry: { ...entry, archive },
    }));
    await this.packer.found({ ...NONE, walked, todo: walked }, () => undefined);
    return walked;
  }

  /** A page is found whose archive was packed by an earlier run. */
  async settled(id: string, settledIn: string): Promise<void> {
    const page = { id, path: id, settledIn };
    await this.packer.found({ ...NONE, walked: [page], done: [page] }, () => undefined);
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

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.#root, name), text);
  }

  async waiting(): Promise<string[]> {
    return readdir(path.join(this.#root, '.mgpu'), { recursive: true });
  }
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
    const setup = { places: new ArchivePlaces({ output: root }, 'pack'), lines: new Map(), overwrite };
    await expect(assertOwn(['a.cbz'], setup)).rejects.toMatchObject({ exitCode: 3 });
  },
);
