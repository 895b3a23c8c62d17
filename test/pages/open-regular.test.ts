import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRegular, readRegular } from '../../src/pages/open-regular.ts';

let folder: string;
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'open-regular-'));
  await writeFile(at('file'), 'content');
  await symlink(at('file'), at('link'));
  await symlink(at('circle'), at('circle'));
  execFileSync('mkfifo', [at('fifo')]);
  await symlink(at('fifo'), at('link-to-fifo'));
});
afterAll(() => rm(folder, { recursive: true }));

const toRead = constants.O_RDONLY;
const toAppend = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
const toReadAndAppend = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

test.each([
  ['fifo', toRead, false, 'it is a FIFO, not a regular file'],
  ['fifo', toReadAndAppend, false, 'it is a FIFO, not a regular file'],
  ['fifo', toAppend, false, 'it is a FIFO or a socket, not a regular file'],
  ['link', toRead, false, 'it is a link, not a regular file'],
  ['link', toAppend, false, 'it is a link, not a regular file'],
  ['circle', toRead, true, 'it is a link, not a regular file'],
  ['link-to-fifo', toRead, true, 'it is a FIFO, not a regular file'],
  ['.', toRead, false, 'it is a folder, not a regular file'],
  ['.', toAppend, false, 'it is a folder, not a regular file'],
  ['/dev/null', toRead, true, 'it is a device, not a regular file'],
])('%s, flags %d, links followed: %s', async (name, flags, followLinks, message) => {
  const file = path.resolve(folder, name);
  await expect(openRegular(file, { flags, followLinks })).rejects.toMatchObject({ code: 'ENOTREG', message });
});

test('follows a link of the user’s, and reads no more than it may', async () => {
  expect(await readRegular(at('link'), { maxBytes: 7, followLinks: true })).toBe('content');
  await expect(readRegular(at('file'), { maxBytes: 6 })).rejects.toThrow('larger than 6 bytes');
  expect(await readRegular('/proc/self/comm', { maxBytes: 100 })).not.toBe('');
});

test('what the file system says passes', async () => {
  await expect(openRegular(at('nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
});
