import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { absoluteFolders, findProgram } from '../../src/model/find-program.ts';
import { pythonLines } from '../../src/translators/python.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'find-program-'));
  await writeFile(path.join(cwd, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(path.join(cwd, 'json.py'), 'raise SystemExit("json.py of the current folder")\n');
  await mkdir(path.join(cwd, 'bin/folder'), { recursive: true });
  await writeFile(path.join(cwd, 'bin/plain'), '');
});
afterAll(() => rm(cwd, { recursive: true }));

test.each(['', ':', '.', '..', ':/usr/bin', '/usr/bin:', '/usr/bin::/bin', '/usr/bin:.', '../x:bin'])(
  'finds nothing in the current folder by PATH=%j',
  async (PATH) => {
    expect(await findProgram('tool', { PATH }, cwd)).toBeUndefined();
  },
);

test('finds what is on PATH, and what a path leads to', async () => {
  const tool = path.join(cwd, 'tool');
  expect(await findProgram('tool', { PATH: `:.:${cwd}` }, '/')).toBe(tool);
  expect(await findProgram('./tool', { PATH: '' }, cwd)).toBe(tool);
  expect(await findProgram(tool, {}, '/')).toBe(tool);
  expect(await findProgram('sh', {}, cwd)).toMatch(/\/bin\/sh$/);
});

test('takes neither folders nor what may not be executed for programs', async () => {
  for (const name of ['folder', 'plain'])
    expect(await findProgram(name, { PATH: path.join(cwd, 'bin') }, cwd)).toBeUndefined();
});

test.each([undefined, '', ':', '.:', `:${tmpdir()}`])(
  'lines of Python import nothing from the current folder with PYTHONPATH=%j',
  (PYTHONPATH) => {
    const { PATH } = process.env;
    const { args, env } = pythonLines('import json; print(json.dumps([]))', { PATH, PYTHONPATH });
    expect(execFileSync('python3', args, { cwd, env, encoding: 'utf8' })).toBe('[]\n');
    expect(absoluteFolders(env.PYTHONPATH ?? '')).toEqual(PYTHONPATH?.startsWith(':/') ? [tmpdir()] : []);
  },
);
