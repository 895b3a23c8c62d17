import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { readConfigFile } from '../../src/options/config-file.ts';
import { loadRunOptions } from '../../src/options/read-options.ts';
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
  ['x.toml', 'a=1', '--config x.toml: the name of a config file ends in .json or .yaml'],
  ['x.json', '[1]', 'x.json: contains [1]; it has to contain options by name: { "gpus": "0,1" }'],
  ['x.json', 'null', 'x.json: contains null; it has to contain options by name: { "gpus": "0,1" }'],
  ['x.json', '{"a": }', /^x\.json: not valid JSON: Unexpected token [^\n]*$/],
  [
    'x.json',
    `{"gpus":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    'x.json: lists and tables are nested more than 16 deep',
  ],
  ['x.yaml', 'a: [1', /^x\.yaml: not valid YAML: [^\n]* line 1, column \d+$/],
  ['a', undefined, '--config a: the name of a config file ends in .json or .yaml'],
])('refuses --config %s with %.40j', async (named, content, line) => {
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
    `Options are read from ${path.join(root, 'mgpu-translate.config.json')}, above this folder.`,
  ]);
  expect((await read(root)).notices).toEqual([]);
});

const asRoot = process.getuid?.() === 0;
const CONFIG = 'mgpu-translate.config.json';

/** What is read from `cwd`, and what is told of it. */
async function look(cwd: string): Promise<{ gpus: unknown; told: string[] }> {
  const told: string[] = [];
  const found = await readConfigFile({ cwd, warn: (text) => told.push(text.replaceAll(root, 'ROOT')) });
  return { gpus: found?.values['gpus'], told };
}
/** Two config files: one in `ROOT/a`, above the current folder, and one further up that is fine. */
async function twoAbove(): Promise<string> {
  await put(CONFIG, '{"gpus":"far"}');
  await put(`a/${CONFIG}`, '{"gpus":"near"}');
  return path.join(root, 'a', CONFIG);
}
const passedOver = (why: string) => ({
  gpus: 'far',
  told: [`Ignoring ROOT/a/${CONFIG}: ${why}. To use it anyway: --config ROOT/a/${CONFIG}`],
});

/** As if another user ran this: who makes the files is not changed by it. */
function actAs(uid: number, gid: number): void {
  vi.spyOn(process, 'geteuid').mockReturnValue(uid);
  vi.spyOn(process, 'getegid').mockReturnValue(gid);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
}

test.runIf(asRoot).each([
  ['their own group', { user: 1234, primary: 1234, group: 1234, mode: 0o664, isTrusted: true }],
  ['their own group and all', { user: 1234, primary: 1234, group: 1234, mode: 0o666, isTrusted: false }],
  ['a shared primary group', { user: 1234, primary: 100, group: 100, mode: 0o664, isTrusted: false }],
  ['a group of their number', { user: 1234, primary: 100, group: 1234, mode: 0o664, isTrusted: false }],
  ['another group', { user: 1234, primary: 1234, group: 100, mode: 0o664, isTrusted: false }],
  ['the group of root', { user: 0, primary: 0, group: 0, mode: 0o664, isTrusted: false }],
])(
  'above the current folder, a file of a user that %s may write',
  async (_name, { user, primary, group, mode, isTrusted }) => {
    const file = await twoAbove();
    await fs.chown(file, user, group);
    await fs.chmod(file, mode);
    actAs(user, primary);
    expect(await look(deep)).toEqual(
      isTrusted ? { gpus: 'near', told: [] } : passedOver('other users can write to it'),
    );
  },
);

test.each([0o666, 0o664, 0o646])(
  'above the current folder, a file of mode %o is passed over',
  async (mode) => {
    const file = await twoAbove();
    await fs.chmod(file, mode);
    // Where this runs by a user with a group of their own, its bit counts for nothing.
    const { uid, gid } = await fs.stat(file);
    actAs(uid, gid + 1);
    expect(await look(deep)).toEqual(passedOver('other users can write to it'));
    expect((await readConfigFile({ cwd: deep, named: `../${CONFIG}` }))?.values).toEqual({ gpus: 'near' });
  },
);

test('above the current folder, a folder that all may write to counts only where it is sticky', async () => {
  await twoAbove();
  await fs.chmod(path.join(root, 'a'), 0o777);
  expect(await look(deep)).toEqual(
    passedOver('every user can replace it, because all can write to its folder'),
  );
  await fs.chmod(path.join(root, 'a'), 0o1777);
  expect(await look(deep)).toEqual({ gpus: 'near', told: [] });
});

test('in the current folder, a file that all may write is used, and told of', async () => {
  const file = await twoAbove();
  await fs.chmod(file, 0o664);
  expect(await look(path.dirname(file))).toEqual({ gpus: 'near', told: [] });
  await fs.chmod(file, 0o777);
  expect(await look(path.dirname(file))).toEqual({
    gpus: 'near',
    told: [`Options are read from ROOT/a/${CONFIG}, but every user can write to it.`],
  });
});

test.runIf(asRoot)('a file, a link or a folder of another user is passed over', async () => {
  const file = await twoAbove();
  const others = passedOver('it belongs to another user');
  await fs.chown(file, 1234, 0);
  expect(await look(deep)).toEqual(others);
  expect(await look(path.dirname(file))).toEqual(others);
  await fs.chown(file, 0, 0);
  await fs.chown(path.dirname(file), 1234, 0);
  expect(await look(deep)).toEqual(passedOver('its folder belongs to another user'));
  expect(await look(path.dirname(file))).toEqual({ gpus: 'near', told: [] });
  await fs.chown(path.dirname(file), 0, 0);
  // A link of theirs to a file of ours: they choose which one, and where its paths start.
  await fs.rename(file, path.join(root, 'mine.json'));
  await fs.symlink(path.join(root, 'mine.json'), file);
  expect(await look(deep)).toEqual({ gpus: 'near', told: [] });
  await fs.lchown(file, 1234, 0);
  expect(await look(deep)).toEqual(others);
  await fs.lchown(file, 0, 0);
  await fs.chown(path.join(root, 'mine.json'), 1234, 0);
  expect(await look(deep)).toEqual(others);
});

test.each([
  ['mkfifo "$0"', 'a FIFO'],
  ['mkdir "$0"', 'a folder'],
  ['ln -s /dev/zero "$0"', 'a device'],
  ['ln -s "$0" "$0"', 'a link'],
])('what %s makes is passed over, and refused where it is named', async (command, what) => {
  const file = await twoAbove();
  await fs.rm(file);
  execFileSync('sh', ['-c', command, file]);
  const told = [`Ignoring ROOT/a/${CONFIG}: it is ${what}, not a regular file.`];
  expect(await look(deep)).toEqual({ gpus: 'far', told });
  expect(await look(path.dirname(file))).toEqual({ gpus: 'far', told });
  const { message } = await refusalOf(() => readConfigFile({ cwd: deep, named: file }));
  expect(message).toBe(`--config ${file}: it is ${what}, not a regular file`);
});

test('a YAML file of more than 16 kB is no config, nor one with an option twice', async () => {
  await put('big.yaml', `gpus: cpu\n${'# x\n'.repeat(4000)}`);
  const big = await refusalOf(() => readConfigFile({ cwd: root, named: 'big.yaml' }));
  expect(big.message).toBe('big.yaml: larger than 16 kB');
  await put('twice.yaml', 'gpus: cpu\nlimit: 1\ngpus: auto\n');
  const twice = await refusalOf(() => readConfigFile({ cwd: root, named: 'twice.yaml' }));
  expect(twice.message).toBe('twice.yaml: not valid YAML: gpus appears twice');
});

test('a file of more than 1 MB is no config', async () => {
  await put(CONFIG, ' '.repeat(1_000_001));
  const { message } = await refusalOf(() => readConfigFile({ cwd: root }));
  expect(message).toBe(`${path.join(root, CONFIG)}: larger than 1 MB`);
});
