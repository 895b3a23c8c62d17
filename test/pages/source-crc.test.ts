import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crcOfFile } from '../../src/pages/source-crc.ts';

const fileWith = async (content: string | Buffer): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), 'crc-')), 'file');
  await writeFile(path, content);
  return path;
};

test('is the CRC-32 that everybody knows', async () => {
  const path = await fileWith('123456789');
  expect(await crcOfFile(path)).toBe(0xcbf43926);
  expect(await crcOfFile(path, 9)).toBe(0xcbf43926);
});

test('is the same whatever size was expected, also over many pieces', async () => {
  const path = await fileWith(Buffer.alloc(1_000_001, 'manga'));
  const crc = await crcOfFile(path);
  expect(await crcOfFile(path, 1_000_001)).toBe(crc);
  expect(await crcOfFile(path, 2_000_000)).toBe(crc);
  expect(await crcOfFile(await fileWith(Buffer.alloc(1_000_000, 'manga')))).not.toBe(crc);
});

test('is 0 for an empty file', async () => {
  expect(await crcOfFile(await fileWith(''), 0)).toBe(0);
});
