import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';

const { enableOwnCompileCache }: { enableOwnCompileCache: (process: object) => void } = await import(
  new URL('../../bin/compile-cache.js', import.meta.url).href
);

let root: string;
beforeEach(async () => {
  root = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'compile-cache-')));
  return () => fs.rm(root, { recursive: true });
});
const asRoot = process.getuid?.() === 0;

/** The folders that a Node which has a compile cache is given. */
function enabledWith(env: Readonly<Record<string, string>>, uid = process.getuid?.()): unknown[] {
  const enabled: unknown[] = [];
  const enableCompileCache = (folder?: string): void => {
    enabled.push(folder);
  };
  const getBuiltinModule = (name: string) =>
    name === 'node:module' ? { enableCompileCache } : process.getBuiltinModule(name);
  enableOwnCompileCache({ env, getuid: () => uid, getBuiltinModule });
  return enabled;
}
const OURS = 'mgpu-translate/compile-cache';
const modeOf = async (file: string): Promise<number> => (await fs.lstat(file)).mode & 0o777;

test('is a private folder in the user’s home, and the next time the same', async () => {
  const folder = path.join(root, '.cache', OURS);
  expect(enabledWith({ HOME: root })).toEqual([folder]);
  for (const made of ['.cache', '.cache/mgpu-translate', `.cache/${OURS}`])
    expect(await modeOf(path.join(root, made))).toBe(0o700);
  expect(enabledWith({ HOME: root })).toEqual([folder]);
});

test('follows XDG_CACHE_HOME, but not a relative one', async () => {
  const xdg = path.join(root, 'xdg');
  expect(enabledWith({ HOME: root, XDG_CACHE_HOME: xdg })).toEqual([path.join(xdg, OURS)]);
  expect(enabledWith({ HOME: root, XDG_CACHE_HOME: 'xdg' })).toEqual([path.join(root, '.cache', OURS)]);
});

test('follows a link that the user has put in place of the caches', async () => {
  await fs.mkdir(path.join(root, 'disk'));
  await fs.symlink(path.join(root, 'disk'), path.join(root, '.cache'));
  expect(enabledWith({ HOME: root })).toEqual([path.join(root, 'disk', OURS)]);
});

test.each([
  {},
  { HOME: '' },
  { HOME: 'relative' },
  { HOME: '/no/such/home' },
  { HOME: '/dev/null' },
  { HOME: '/proc' },
  { HOME: os.homedir(), NODE_COMPILE_CACHE: '/tmp/of-the-user' },
  { HOME: os.homedir(), NODE_DISABLE_COMPILE_CACHE: '1' },
])('none with %j', (env) => {
  expect(enabledWith(env)).toEqual([]);
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
  expect(enabledWith({ HOME: root })).toHaveLength(1);
  await share((name) => path.join(root, '.cache', name));
  expect(enabledWith({ HOME: root })).toEqual([]);
});

test.runIf(asRoot)('none where a folder on the way belongs to another user', async () => {
  for (const name of ['', '.cache', '.cache/mgpu-translate', `.cache/${OURS}`]) {
    expect(enabledWith({ HOME: root })).toHaveLength(1);
    await fs.chown(path.join(root, name), 1234, 0);
    expect(enabledWith({ HOME: root }), name).toEqual([]);
    await fs.chown(path.join(root, name), 0, 0);
  }
});

test('a Node without a compile cache goes without', () => {
  expect(() => enableOwnCompileCache({ env: { HOME: root } })).not.toThrow();
  const getBuiltinModule = () => ({});
  expect(() => enableOwnCompileCache({ env: {}, getuid: () => 0, getBuiltinModule })).not.toThrow();
});
