import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readLines } from '../../../src/store/ledger/read-lines.ts';

let file: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lines-'));
  file = join(folder, 'lines.ndjson');
  return () => rm(folder, { recursive: true, force: true });
});

async function linesOf(text: string, longestBytes = 1e6): Promise<{ lines: string[]; tooLong: number }> {
  await writeFile(file, text);
  const lines: string[] = [];
  let tooLong = 0;
  const onTooLong = () => {
    tooLong += 1;
  };
  for await (const some of readLines(file, { longestBytes, onTooLong })) lines.push(...some);
  return { lines, tooLong };
}

test('gives each line that is not empty, the last one without its end too', async () => {
  expect(await linesOf('one\n\ntwo\n  \nthree')).toEqual({ lines: ['one', 'two', 'three'], tooLong: 0 });
  expect(await linesOf('')).toEqual({ lines: [], tooLong: 0 });
});

test('puts together what two reads cut, also within a character', async () => {
  const long = '漫'.repeat(400_000);
  expect(await linesOf(`before\n${long}\nafter\n`, 4e6)).toEqual({
    lines: ['before', long, 'after'],
    tooLong: 0,
  });
});

test('passes over a line that is too long, and tells of it once', async () => {
  expect(await linesOf(`before\n${'x'.repeat(3_000_000)}\nafter\n`)).toEqual({
    lines: ['before', 'after'],
    tooLong: 1,
  });
});
