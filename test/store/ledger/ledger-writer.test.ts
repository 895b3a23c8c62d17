import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type LedgerFile, LedgerWriter } from '../../../src/store/ledger/ledger-writer.ts';
import { lineOf } from '../lines.ts';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'ledger.ndjson');
});
const lines = async () => (await readFile(path, 'utf8')).split('\n');
const text = (page: string) => JSON.stringify(lineOf(page));

/** The real file, on a disk that is full after so many bytes. */
async function onFullDisk(roomBytes: number): Promise<LedgerFile & { writes: number; syncs: number }> {
  const file = await open(path, 'a+');
  let room = roomBytes;
  const full = {
    writes: 0,
    syncs: 0,
    read: file.read.bind(file),
    stat: file.stat.bind(file),
    truncate: file.truncate.bind(file),
    close: file.close.bind(file),
    datasync: async () => {
      full.syncs += 1;
    },
    write: async (buffer: Buffer, offset: number, length: number) => {
      full.writes += 1;
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const fits = Math.min(length, room);
      room -= fits;
      return file.write(buffer, offset, fits, null);
    },
  };
  return full as unknown as LedgerFile & { writes: number; syncs: number };
}

test('has a line in the file when its promise resolves', async () => {
  const writer = await LedgerWriter.open(path);
  await writer.append(lineOf('a.png'));
  expect(await lines()).toEqual([text('a.png'), '']);
  await writer.close();
});

test('writes lines that wait together, in their order, and syncs them at the end', async () => {
  const file = await onFullDisk(1e9);
  const writer = await LedgerWriter.open(path, { openFile: async () => file });
  const names = Array.from({ length: 500 }, (_, at) => `${at}.png`);
  await Promise.all(names.map((name) => writer.append(lineOf(name))));
  expect(await lines()).toEqual([...names.map(text), '']);
  expect(file.writes).toBeLessThanOrEqual(2);
  await writer.close();
  expect(file.syncs).toBe(1);
});

test('syncs while the run goes on', async () => {
  const file = await onFullDisk(1e9);
  const synced = new Promise<void>((resolve) => {
    file.datasync = async () => resolve();
  });
  const writer = await LedgerWriter.open(path, { openFile: async () => file, syncEveryMs: 1 });
  await writer.append(lineOf('a.png'));
  // The writer's own timer keeps nothing alive.
  const alive = setTimeout(() => undefined, 10_000);
  await synced;
  clearTimeout(alive);
  await writer.close();
});

test('begins a line of its own behind a torn one', async () => {
  await writeFile(path, '{"type":"page-fin');
  const writer = await LedgerWriter.open(path);
  await writer.append(lineOf('a.png'));
  await writer.append(lineOf('b.png'));
  await writer.close();
  expect(await lines()).toEqual(['{"type":"page-fin', text('a.png'), text('b.png'), '']);
});

test('rejects on a full disk, for good, and leaves no half line', async () => {
  const file = await onFullDisk(text('a.png').length + 1 + 20);
  const writer = await LedgerWriter.open(path, { openFile: async () => file });
  await writer.append(lineOf('a.png'));
  const refused = {
    exitCode: 3,
    message: expect.stringContaining(path),
    hint: expect.stringMatching(/free space/),
  };
  const [second, third] = [writer.append(lineOf('b.png')), writer.append(lineOf('c.png'))];
  await expect(second).rejects.toMatchObject(refused);
  await expect(third).rejects.toMatchObject(refused);
  await expect(writer.append(lineOf('d.png'))).rejects.toMatchObject(refused);
  await expect(writer.close()).rejects.toMatchObject(refused);
  expect(await lines()).toEqual([text('a.png'), '']);
});

test('goes on after a short write that is no failure', async () => {
  const file = await onFullDisk(1e9);
  const write = file.write;
  file.write = ((buffer: Buffer, offset: number, length: number) =>
    write(buffer, offset, Math.min(length, 7), null)) as typeof write;
  const writer = await LedgerWriter.open(path, { openFile: async () => file });
  await writer.append(lineOf('漫.png'));
  expect(await lines()).toEqual([text('漫.png'), '']);
  await writer.close();
});

test('refuses a file that can not be opened', async () => {
  await expect(LedgerWriter.open(join(path, 'no'))).rejects.toMatchObject({ exitCode: 3 });
});
