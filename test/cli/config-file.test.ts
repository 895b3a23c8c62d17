import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readConfigFile } from '../../src/cli/config-file.ts';
import { loadRunOptions } from '../../src/cli/read-options.ts';
import { refusalOf } from './refusal-of.ts';

let root: string;
let deep: string;
beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'mgpu-config-'));
  deep = path.join(root, 'a', 'b');
  await fs.mkdir(deep, { recursive: true });
  return () => fs.rm(root, { recursive: true });
});
const put = (name: string, content: string) => fs.writeFile(path.join(root, name), content);

test('finds the nearest file upwards, JSON or YAML', async () => {
  await put('mgpu-translate.config.json', '\uFEFF{ "$schema": "x", "gpus": "0" }');
  expect(await readConfigFile({ cwd: deep })).toEqual({
    file: path.join(root, 'mgpu-translate.config.json'),
    folder: root,
    values: { $schema: 'x', gpus: '0' },
  });
  await put('a/mgpu-translate.config.yaml', 'gpus: 0-3\nwarm: off\n');
  expect((await readConfigFile({ cwd: deep }))?.values).toEqual({ gpus: '0-3', warm: 'off' });
});

test('MGPU_CONFIG and paths in the file may start at the home folder', async () => {
  await put('a/my.yaml', 'input: ~/pages\noutput: out');
  const env = { HOME: root, MGPU_CONFIG: '~/a/my.yaml' };
  const { options } = await loadRunOptions({ given: { inputs: [], flags: {} }, env, cwd: deep });
  expect(options).toMatchObject({ inputs: [path.join(root, 'pages')], output: '../out' });
});

test('an empty file has no options', async () => {
  await put('mgpu-translate.config.yaml', '# nothing yet\n');
  expect((await readConfigFile({ cwd: root }))?.values).toEqual({});
});

test('a named file is taken in place of the nearest', async () => {
  await put('mgpu-translate.config.json', '{"gpus":"0"}');
  await put('other.yml', 'gpus: 1');
  const read = await readConfigFile({ cwd: deep, named: '../../other.yml' });
  expect(read).toEqual({ file: '../../other.yml', folder: root, values: { gpus: 1 } });
});

test('refuses both kinds in one folder', async () => {
  await put('mgpu-translate.config.json', '{}');
  await put('mgpu-translate.config.yaml', '');
  const { message } = await refusalOf(() => readConfigFile({ cwd: deep }));
  expect(message).toBe(`${root} has both mgpu-translate.config.json and mgpu-translate.config.yaml`);
});

test.each([
  ['missing.json', undefined, '--config missing.json: no such file'],
  ['x.toml', 'a=1', "--config x.toml: a config file's name ends in .json or .yaml"],
  ['x.json', '[1]', 'x.json: holds [1]; it has to hold options by name: { "gpus": "0,1" }'],
  ['x.json', 'null', 'x.json: holds null; it has to hold options by name: { "gpus": "0,1" }'],
  ['x.json', '{"a": }', /^x\.json: is no valid JSON: Unexpected token [^\n]*$/],
  ['x.yaml', 'a: [1', /^x\.yaml: is no valid YAML: [^\n]* line 1, column \d+$/],
  ['a', undefined, "--config a: a config file's name ends in .json or .yaml"],
])('refuses --config %s with %j', async (named, content, line) => {
  if (content !== undefined) await put(named, content);
  const { message, exitCode } = await refusalOf(() => readConfigFile({ cwd: root, named }));
  expect(exitCode).toBe(2);
  if (typeof line === 'string') expect(message).toBe(line);
  else expect(message).toMatch(line);
});

test('options from a folder above are told of: they may be somebody else’s', async () => {
  await put('mgpu-translate.config.json', '{"gpus":"cpu"}');
  const read = (cwd: string) => loadRunOptions({ given: { inputs: ['in'], flags: {} }, env: {}, cwd });
  expect((await read(deep)).notices).toEqual([
    `options are taken from ${path.join(root, 'mgpu-translate.config.json')}, above this folder`,
  ]);
  expect((await read(root)).notices).toEqual([]);
});
