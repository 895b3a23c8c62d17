import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../src/report/replace-file.ts';

let root: string;
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'replace-file-'));
  return () => fs.rm(root, { recursive: true });
});

async function* texts(): AsyncGenerator<string> {
  yield 'new ';
  yield 'text';
}

test('a file is replaced', async () => {
  const file = path.join(root, 'report.html');
  await fs.writeFile(file, 'old');
  await replaceFile(file, texts());
  expect(await fs.readFile(file, 'utf8')).toBe('new text');
  expect(await fs.readdir(root)).toEqual(['report.html']);
});

test.each(['a FIFO', 'a link to a FIFO'])('%s is not replaced, as /dev/null is not', async (what) => {
  const fifo = path.join(root, 'fifo');
  execFileSync('mkfifo', [fifo]);
  if (what !== 'a FIFO') await fs.symlink('fifo', path.join(root, 'link'));
  const given = what === 'a FIFO' ? fifo : path.join(root, 'link');
  const before = await fs.lstat(given);
  await expect(replaceFile(given, texts())).rejects.toThrow(
    'it is a device, a FIFO or a socket, not a regular file',
  );
  expect((await fs.lstat(given)).ino).toBe(before.ino);
  expect((await fs.readdir(root)).filter((name) => name.endsWith('.part'))).toEqual([]);
});
