import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';

const { loadProgram }: { loadProgram: (process: object, file: string) => unknown } = await import(
  new URL('../../bin/load-program.js', import.meta.url).href
);

let root: string;
beforeEach(async () => {
  root = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'load-program-')));
  return () => fs.rm(root, { recursive: true });
});

/** Starts a program on a Node without a compile cache of its own, to the end: what it exports. */
function startOnNode20(file: string, env: Readonly<Record<string, string>> = { HOME: root }): unknown {
  const { version, arch, pid, getuid } = process;
  const getBuiltinModule = (name: string): unknown => {
    const { createRequire } = process.getBuiltinModule('node:module');
    return name === 'node:module' ? { createRequire } : process.getBuiltinModule(name);
  };
  const atExit: (() => void)[] = [];
  const once = (_event: 'exit', listener: () => void): number => atExit.push(listener);
  const result = loadProgram({ version, arch, pid, getuid, env, getBuiltinModule, once }, file);
  for (const listener of atExit) listener();
  return result;
}

async function program(text: string): Promise<string> {
  const file = path.join(root, 'program.cjs');
  await fs.writeFile(file, text);
  return file;
}

/** The files in which something was kept, each with its inode: a file that is written again has another one. */
async function kept(folder = path.join(root, '.cache/mgpu-translate/compile-cache')): Promise<string[]> {
  const names = await fs.readdir(folder);
  return Promise.all(names.map(async (name) => `${name} ${(await fs.lstat(path.join(folder, name))).ino}`));
}

const WHERE = 'exports.where = [__filename, __dirname, require("node:path").basename(__filename)];';

test('what was compiled is kept at the first start and used at the second', async () => {
  const file = await program(`${WHERE}exports.sum = ((a, b) => a + b)(1, 2);`);
  const expected = { where: [file, root, 'program.cjs'], sum: 3 };
  expect(startOnNode20(file)).toEqual(expected);
  const [first, ...more] = await kept();
  expect(first).toMatch(/^[0-9a-f]{16}\.code /);
  expect(more).toEqual([]);
  expect(startOnNode20(file)).toEqual(expected);
  expect(await kept()).toEqual([first]);
});

test('another program of the same length is compiled anew', async () => {
  const file = await program('module.exports = "one";');
  expect(startOnNode20(file)).toBe('one');
  await program('module.exports = "two";');
  expect(startOnNode20(file)).toBe('two');
  expect(startOnNode20(file)).toBe('two');
});

test.each(['empty', 'short', 'damaged', 'unreadable'])('a kept file that is %s is replaced', async (how) => {
  const file = await program('module.exports = "whole";');
  startOnNode20(file);
  const [name = ''] = await fs.readdir(path.join(root, '.cache/mgpu-translate/compile-cache'));
  const at = path.join(root, '.cache/mgpu-translate/compile-cache', name);
  const bytes = await fs.readFile(at);
  await fs.rm(at);
  if (how === 'unreadable') await fs.symlink('nowhere', at);
  else if (how === 'damaged') await fs.writeFile(at, bytes.fill(0, bytes.length - 20));
  else await fs.writeFile(at, how === 'empty' ? '' : bytes.subarray(0, 100));
  const [before] = await kept();
  expect(startOnNode20(file)).toBe('whole');
  const [after] = await kept();
  expect(after).not.toBe(before);
  expect(startOnNode20(file)).toBe('whole');
  expect(await kept()).toEqual([after]);
});

test('a folder of the user’s choice is made', async () => {
  const file = await program('module.exports = 1;');
  startOnNode20(file, { NODE_COMPILE_CACHE: path.join(root, 'made/here') });
  expect(await kept(path.join(root, 'made/here'))).toHaveLength(1);
});

test.each<Readonly<Record<string, string>>>([
  {},
  { HOME: '/no/such/home' },
  { NODE_COMPILE_CACHE: '/dev/null/folder' },
  { NODE_COMPILE_CACHE: '/proc' },
])('it starts where nothing can be kept: %j', async (env) => {
  const file = await program('module.exports = 1;');
  expect(startOnNode20(file, env)).toBe(1);
  expect(await fs.readdir(root)).toEqual(['program.cjs']);
});

test('it requires what is beside it, at the second start as well', async () => {
  await fs.writeFile(path.join(root, 'beside.cjs'), 'module.exports = "beside";');
  const file = await program('module.exports = require("./beside.cjs");');
  for (const _ of [1, 2]) expect(startOnNode20(file)).toBe('beside');
});

test('throws where there is no such file, whether something can be kept or not', () => {
  const missing = path.join(root, 'missing.cjs');
  expect(() => startOnNode20(missing)).toThrow(/ENOENT.*missing\.cjs/);
  expect(() => startOnNode20(missing, {})).toThrow(/Cannot find module.*missing\.cjs/);
});

test('a Node with a compile cache is told of the folder, unless the user has', async () => {
  const file = await program('module.exports = 1;');
  const enabled: unknown[] = [];
  const start = (env: object): unknown =>
    loadProgram(
      {
        env,
        getuid: process.getuid,
        getBuiltinModule: (name: string) =>
          name === 'node:module'
            ? {
                createRequire: process.getBuiltinModule('node:module').createRequire,
                enableCompileCache: (folder: string) => enabled.push(folder),
              }
            : process.getBuiltinModule(name),
      },
      file,
    );
  expect(start({ HOME: root })).toBe(1);
  expect(start({ HOME: root, NODE_COMPILE_CACHE: '/chosen' })).toBe(1);
  expect(start({ HOME: root, NODE_DISABLE_COMPILE_CACHE: '1' })).toBe(1);
  expect(enabled).toEqual([path.join(root, '.cache/mgpu-translate/compile-cache')]);
});

test('only what loads parts by their files imports what has no fixed name: a kept program can’t', async () => {
  const src = path.resolve(import.meta.dirname, '../../src');
  const names = (await fs.readdir(src, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
  const texts = await Promise.all(names.map((name) => fs.readFile(path.join(src, name), 'utf8')));
  const found = names.filter((_, at) =>
    /\bimport\((?!['"])/.test(texts[at]?.replace(/^\s*(?:\*|\/\*\*).*$/gm, '') ?? ''),
  );
  // The second one does so where nothing was built.
  expect(found.sort()).toEqual(['model/load-built.ts', 'store/archives/packing-thread.ts']);
});
