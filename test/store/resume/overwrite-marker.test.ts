import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Part } from '../../../src/model/part.ts';
import {
  beginOverwriting,
  endOverwriting,
  overwritingSince,
} from '../../../src/store/resume/overwrite-marker.ts';

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'overwriting-'));
});
const FIRST = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-02T00:00:00.000Z';
const begin = (time: string, optionsHash = 'hash', part?: Part) =>
  beginOverwriting(state, { optionsHash, part, now: new Date(time) });

test('goes on since the first begin, until it has ended', async () => {
  expect(await begin(FIRST)).toBe(FIRST);
  expect(await begin(LATER)).toBe(FIRST);
  await endOverwriting(state, undefined);
  expect(await begin(LATER)).toBe(LATER);
});

test('begins anew with other options, and after a torn record', async () => {
  await begin(FIRST);
  expect(await begin(LATER, 'other')).toBe(LATER);
  await writeFile(join(state, 'overwrite.json'), '{"v":1,');
  expect(await begin(FIRST)).toBe(FIRST);
});

test('each part has its own', async () => {
  await begin(FIRST, 'hash', { index: 1, of: 2 });
  expect(await begin(LATER, 'hash', { index: 2, of: 2 })).toBe(LATER);
  await endOverwriting(state, { index: 2, of: 2 });
  expect(await readdir(state)).toEqual(['overwrite.1-of-2.json']);
});

test('to look writes nothing', async () => {
  expect(await overwritingSince(state, { optionsHash: 'hash', part: undefined })).toBeUndefined();
  expect(await readdir(state)).toEqual([]);
});

test.each(['overwrite.json', 'overwrite.json.part'])(
  'a folder named %s is refused by its name',
  async (name) => {
    await mkdir(join(state, name, 'full'), { recursive: true });
    const refused = {
      exitCode: 3,
      message: `can't write ${join(state, name)}: something else has that name`,
      hint: expect.stringContaining(`remove ${join(state, name)}`),
    };
    await expect(begin(FIRST)).rejects.toMatchObject(refused);
  },
);

test('so is one that was put there while the run was going', async () => {
  await mkdir(join(state, 'overwrite.json'));
  await expect(endOverwriting(state, undefined)).rejects.toMatchObject({ exitCode: 3 });
});
