import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { flagOf, type OptionSpec } from '../../src/options/option-spec.ts';
import { RUN_OPTIONS } from '../../src/options/option-table.ts';
import { build } from '../fixtures/built.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import { png } from '../fixtures/images.ts';
import { docPages, ROOT, readPage, type ShownBlock, titledBlocks } from './shown.ts';

const README = await readPage('README.md');
/** README.zh-CN.md shows the blocks of README.md: readme-zh.test.ts compares them. */
const PAGES_WITH_BLOCKS = (await docPages()).filter((page) => page !== 'README.zh-CN.md');
const BLOCKS = (await Promise.all(PAGES_WITH_BLOCKS.map(readPage))).flatMap(titledBlocks);
const PAGES = ['chapter-1/001.png', 'chapter-1/002.png', 'chapter-2/001.png'];

let root: string;

// Each block starts npm, Node and Python more than once.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => vi.resetConfig());

beforeAll(build, 120_000);

/** A folder with pages, the command on PATH, and a machine with two T4s. */
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'readme-')));
  await mkdir(path.join(root, 'bin'));
  await symlink(path.join(ROOT, 'bin/mgpu-translate.js'), path.join(root, 'bin/mgpu-translate'));
  const cards = await readFile(path.join(ROOT, 'test/fixtures/gpus/nvidia-t4x2.csv'), 'utf8');
  await writeFile(path.join(root, 'bin/nvidia-smi'), `#!/bin/sh\ncat <<'END'\n${cards.trimEnd()}\nEND\n`);
  await chmod(path.join(root, 'bin/nvidia-smi'), 0o755);
  await writePages('input', PAGES);
  return () => rm(root, { recursive: true, force: true });
});

async function writePages(folder: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await mkdir(path.join(root, folder, path.dirname(id)), { recursive: true });
    await writeFile(path.join(root, folder, id), png(80, 60));
  }
}

function shown(title: string): ShownBlock {
  const block = BLOCKS.find((one) => one.title === title);
  if (!block) throw new Error(`no page has a block with title=${title}`);
  return block;
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program where the pages are, with nothing of this process's own variables but PATH and where compiled code is. */
function run(command: readonly [string, ...string[]], env: Record<string, string> = {}): Promise<Ended> {
  const [file, ...args] = command;
  const PATH = `${root}/bin:${path.dirname(process.execPath)}:${process.env.PATH}`;
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd: root, env: { PATH, HOME: root, ...COMPILED, ...env } },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : (error.code ?? 'signal'), stdout, stderr }),
    );
  });
}

const runShown = (title: string, env: Record<string, string> = {}): Promise<Ended> =>
  run(['bash', '-c', shown(title).code], env);

const save = ({ title, code }: ShownBlock): Promise<void> => writeFile(path.join(root, title), code);

async function imagesIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.png') && !name.startsWith('.mgpu')).sort();
}

test('says in one line what it is, and in 220 what a newcomer needs', () => {
  expect(README).toMatch(
    /^# mgpu-translate\n\nEnglish \| .*\n\nRun your manga translator on every GPU\. .*\.\n\n!\[/,
  );
  expect(README.split('\n').length - 1).toBeLessThanOrEqual(220);
});

test('the two commands for a clone stand first where it is about working on it', () => {
  expect(README).toContain('\n## Working on it\n\n```sh\nnpm run demo\nnpm test\n```\n');
});

test('its first line of work, with a translate.py', async () => {
  await symlink(path.join(ROOT, 'src/python/demo_translate.py'), path.join(root, 'translate.py'));
  const { code, stdout } = await runShown('card');
  expect(stdout).toContain('3 translated');
  expect(stdout).toMatch(/gpu0 .*Tesla T4 .*\n.*gpu1 .*Tesla T4/);
  expect(await imagesIn('input-translated')).toEqual(PAGES);
  expect(code).toBe(0);
});

test('the cell for Kaggle, in two sessions', async () => {
  const env = { PAGES: 'input', OUTPUT: 'working/translated' };
  await writePages('input', ['chapter-2/bad.png']);
  await writeFile(path.join(root, 'input/chapter-2/bad.png'), 'no image');
  const first = await runShown('kaggle', env);
  expect(first.stdout).toContain('3 translated, 1 failed');
  expect(first.code).toBe(0);
  await rm(path.join(root, 'input/chapter-2/bad.png'));
  const second = await runShown('kaggle', { ...env, OUTPUT: 'next', PREVIOUS: 'working/translated' });
  expect(second.stdout).toContain('3 done before');
  expect(second.code).toBe(0);
  expect(await imagesIn('next')).toEqual(PAGES);
});

test('the cell for Kaggle ends as a run that can not start', async () => {
  const { code, stderr } = await runShown('kaggle', { PAGES: 'input', OUTPUT: 'out', TRANSLATOR: 'no.py' });
  expect(stderr).toContain('no.py: no such file');
  expect(code).toBe(3);
});

test('the cell for Colab', async () => {
  await writePages('drive/input', PAGES);
  const { code } = await runShown('colab', { DRIVE: 'drive', WORK: 'fast' });
  expect(await imagesIn('drive/translated')).toEqual(PAGES);
  expect(await imagesIn('fast').catch(() => [])).toEqual([]);
  expect(code).toBe(0);
});

test('the scripts of package.json', async () => {
  await save(shown('package.json'));
  await writeFile(path.join(root, 'input/bad.png'), 'no image');
  const { code } = await run(['npm', 'run', '--silent', 'translate:ci']);
  expect(await imagesIn('output')).toEqual(PAGES);
  expect(await readFile(path.join(root, 'translate.xml'), 'utf8')).toContain('<failure type="unreadable"');
  expect(code).toBe(1);
});

test('the config file', async () => {
  await save(shown('mgpu-translate.config.json'));
  const printed = await run(['mgpu-translate', 'run', '--print-config']);
  expect(printed.stdout).toMatch(/^retries +1 +config .*mgpu-translate\.config\.json$/m);
  await writePages('input', ['chapter-1/cover.png']);
  const { code } = await run(['mgpu-translate', 'run']);
  expect(await imagesIn('output')).toEqual(PAGES);
  expect(code).toBe(0);
});

test('the library', async () => {
  await mkdir(path.join(root, 'node_modules'));
  await symlink(ROOT, path.join(root, 'node_modules/mgpu-translate'));
  await save(shown('translate.mjs'));
  const { code, stdout } = await run([process.execPath, 'translate.mjs']);
  expect(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' translated '))
      .sort(),
  ).toEqual(PAGES.map((page) => `${page} translated `));
  expect(stdout).toContain('3 of 3, exit code 0');
  expect(code).toBe(0);
});

test('every titled block is run above or in recipes.test.ts, or looked at in docker.test.ts', () => {
  const others = BLOCKS.filter(({ title }) => !title.startsWith('recipe-'));
  expect(others.map(({ title }) => title).sort()).toEqual([
    'Dockerfile',
    'card',
    'colab',
    'compose.yaml',
    'docker-run',
    'kaggle',
    'mgpu-translate.config.json',
    'package.json',
    'translate.mjs',
  ]);
});

test('the options that it names are there', () => {
  const options: readonly (readonly [string, OptionSpec])[] = Object.entries(RUN_OPTIONS);
  const flags = options.flatMap(([key, spec]) => [flagOf(key, spec), spec.short]);
  const named = [...README.matchAll(/^\| (`-.*?) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [],
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((flag) => !flags.includes(flag))).toEqual([]);
});
