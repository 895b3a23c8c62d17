import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';

const { compileCacheFolder }: { compileCacheFolder: (process: object) => string | undefined } = await import(
  new URL('../../bin/compile-cache.js', import.meta.url).href
);

let root: string;
beforeEach(async () => {
  root = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'compile-cache-')));
  return () => fs.rm(root, { recursive: true });
});
const asRoot = process.getuid?.() === 0;

const { getBuiltinModule } = process;
const folderWith = (env: Readonly<Record<string, string>>, uid = process.getuid?.()): string | undefined =>
  compileCacheFolder({ env, getuid: () => uid, getBuiltinModule });
const OURS = 'mgpu-translate/compile-cache';
const modeOf = async (file: string): Promise<number> => (await fs.lstat(file)).mode & 0o777;

test('is a private folder in the user’s home, and the next time the same', async () => {
  const folder = path.join(root, '.cache', OURS);
  expect(folderWith({ HOME: root })).toBe(folder);
  for (const made of ['.cache', '.cache/mgpu-translate', `.cache/${OURS}`])
    expect(await modeOf(path.join(root, made))).toBe(0o700);
  expect(folderWith({ HOME: root })).toBe(folder);
});

test('follows XDG_CACHE_HOME, but not a relative one', async () => {
  const xdg = path.join(root, 'xdg');
  expect(folderWith({ HOME: root, XDG_CACHE_HOME: xdg })).toBe(path.join(xdg, OURS));
  expect(folderWith({ HOME: root, XDG_CACHE_HOME: 'xdg' })).toBe(path.join(root, '.cache', OURS));
});

test('follows a link that the user has put in place of the caches', async () => {
  await fs.mkdir(path.join(root, 'disk'));
  await fs.symlink(path.join(root, 'disk'), path.join(root, '.cache'));
  expect(folderWith({ HOME: root })).toBe(path.join(root, 'disk', OURS));
});

test.each([
  {},
  { HOME: '' },
  { HOME: 'relative' },
  { HOME: '/no/such/home' },
  { HOME: '/dev/null' },
  { HOME: '/proc' },
  { HOME: os.homedir(), NODE_DISABLE_COMPILE_CACHE: '1' },
])('none with %j', (env) => {
  expect(folderWith(env)).toBeUndefined();
});

/** Ways in which somebody else may have a hand in the folder. */
const SHARED: Readonly<Record<string, (at: (name: string) => string) => Promise<unknown>>> = {
  'others may write to it': (at) => fs.chmod(at(OURS), 0o777),
  'its group may write to it': (at) => fs.chmod(at(OURS), 0o770),
  'others may write to the folder around it': (at) => fs.chmod(at('mgpu-translate'), 0o1777),
  'others may exchange the folder around it': (at) => fs.chmod(at(''), 0o777),
  'it is a link': async (at) => {
    await fs.rename(at(OURS), at('elsewhere'));
    await fs.symlink(at('elsewhere'), at(OURS));
  },
  'the folder around it is a link': async (at) => {
    await fs.rename(at('mgpu-translate'), at('elsewhere'));
    await fs.symlink(at('elsewhere'), at('mgpu-translate'));
  },
  'it is a file': async (at) => {
    await fs.rmdir(at(OURS));
    await fs.writeFile(at(OURS), '');
  },
};

test.each(Object.entries(SHARED))('none where %s', async (_why, share) => {
  expect(folderWith({ HOME: root })).toBeDefined();
  await share((name) => path.join(root, '.cache', name));
  expect(folderWith({ HOME: root })).toBeUndefined();
});

test.runIf(asRoot)('none where a folder on the way belongs to another user', async () => {
  for (const name of ['', '.cache', '.cache/mgpu-translate', `.cache/${OURS}`]) {
    expect(folderWith({ HOME: root })).toBeDefined();
    await fs.chown(path.join(root, name), 1234, 0);
    expect(folderWith({ HOME: root }), name).toBeUndefined();
    await fs.chown(path.join(root, name), 0, 0);
  }
});

test('is the one that the user has chosen', () => {
  expect(folderWith({ HOME: root, NODE_COMPILE_CACHE: '/chosen' })).toBe('/chosen');
});

test('none where the system has no users', () => {
  expect(compileCacheFolder({ env: { HOME: root }, getBuiltinModule })).toBeUndefined();
});
