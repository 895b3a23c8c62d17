import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { examplePath, NOTEBOOKS, type NotebookName, notebookFrom } from '../../scripts/write-notebooks.ts';
import { build } from '../fixtures/built.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import { png } from '../fixtures/images.ts';
import { ROOT, readPage, titledBlocks } from './shown.ts';

const RUNNER = path.join(ROOT, 'test/fixtures/run_notebook.py');
const PAGES = ['chapter-1/001.png', 'chapter-1/002.png', 'chapter-2/001.png', 'chapter-2/002.png'];

vi.setConfig({ testTimeout: 60_000 });
afterAll(() => vi.resetConfig());
beforeAll(build, 120_000);

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A session with two T4s, four pages, and a `pip` that writes down its arguments and installs the command. */
class Session {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async start(): Promise<Session> {
    const session = new Session(await realpath(await mkdtemp(path.join(tmpdir(), 'notebook-'))));
    onTestFinished(() => rm(session.root, { recursive: true, force: true }));
    const cards = path.join(ROOT, 'test/fixtures/gpus/nvidia-t4x2.csv');
    await session.program('nvidia-smi', `cat '${cards}'`);
    const command = path.join(ROOT, 'bin/mgpu-translate.js');
    await session.program('pip', `echo pip "$@"\nln -s '${command}' '${session.root}/bin/mgpu-translate'`);
    for (const [seed, page] of PAGES.entries()) await session.write(`input/${page}`, png(80, 60, seed));
    return session;
  }

  async write(name: string, content: string | Buffer): Promise<void> {
    await mkdir(path.dirname(path.join(this.root, name)), { recursive: true });
    await writeFile(path.join(this.root, name), content);
  }

  /** Runs the cells of a notebook after its settings were edited. */
  async runNotebook(name: NotebookName, settings: Record<string, string>): Promise<Ended> {
    let text = await readFile(examplePath(name, 'ipynb'), 'utf8');
    for (const [setting, value] of Object.entries(settings)) {
      const line = new RegExp(`(os\\.environ\\['${setting}'\\] = )'[^']*'`);
      expect(text).toMatch(line);
      text = text.replace(line, `$1'${value}'`);
    }
    await this.write('notebook.ipynb', text);
    return this.run(['python3', RUNNER, 'notebook.ipynb']);
  }

  runScript(name: NotebookName, settings: Record<string, string>): Promise<Ended> {
    return this.run(['bash', examplePath(name, 'sh')], settings);
  }

  /** Runs the one cell of a notebook that has these words. */
  async runCell(name: NotebookName, words: string, settings: Record<string, string>): Promise<Ended> {
    const { cells } = JSON.parse(await readFile(examplePath(name, 'ipynb'), 'utf8'));
    const sources: string[] = cells.map(({ source }: { source: string[] }) => source.join(''));
    const [, script = ''] = sources.find((source) => source.includes(words))?.split(/^%%bash -e\n/) ?? [];
    return this.run(['bash', '-ec', script], settings);
  }

  async pagesIn(folder: string): Promise<string[]> {
    const names = await readdir(path.join(this.root, folder), { recursive: true });
    return names.filter((name) => name.endsWith('.png') && !name.startsWith('.mgpu')).sort();
  }

  /** Runs the cell that README.md shows. */
  async runReadme(title: string, settings: Record<string, string>): Promise<Ended> {
    const block = titledBlocks(await readPage('README.md')).find((one) => one.title === title);
    return this.run(['bash', '-c', block?.code ?? 'exit 99'], settings);
  }

  async program(name: string, script: string): Promise<void> {
    await this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    await chmod(path.join(this.root, 'bin', name), 0o755);
  }

  private run([file, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const PATH = `${this.root}/bin:${path.dirname(process.execPath)}:${process.env['PATH']}`;
    const options = {
      cwd: this.root,
      env: { PATH, HOME: this.root, PYTHONPATH: 'python', ...COMPILED, ...env },
    };
    return new Promise((resolve) => {
      execFile(file, args, options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : (error.code ?? 'signal'), stdout, stderr }),
      );
    });
  }
}

test.each(NOTEBOOKS)(
  '%s.ipynb is made from its script: else run tsx scripts/write-notebooks.ts',
  async (name) => {
    const [notebook, script] = await Promise.all([
      readFile(examplePath(name, 'ipynb'), 'utf8'),
      readFile(examplePath(name, 'sh'), 'utf8'),
    ]);
    expect(notebook).toBe(notebookFrom(script, name));
    const { cells } = JSON.parse(notebook);
    expect(new Set(cells.map(({ id }: { id: string }) => id)).size).toBe(cells.length);
    // Each cell of code has a cell before it that says what it does.
    const kinds: string[] = cells.map(({ cell_type }: { cell_type: string }) => cell_type);
    expect(kinds.filter((kind, index) => kind === 'code' && kinds[index - 1] !== 'markdown')).toEqual([]);
  },
);

test('a cell that is not what its mark says is refused', () => {
  expect(() => notebookFrom('# %% [markdown]\necho\n', 'kaggle')).toThrow('expected a comment: echo');
  expect(() => notebookFrom('# %% settings\nA=1\n', 'kaggle')).toThrow('expected a setting: A=1');
  expect(() => notebookFrom('# %% shell\nA=1\n', 'kaggle')).toThrow('expected a kind of cell: # %% shell');
});

test('the notebook for Kaggle stops in time, and its script resumes from that version', async () => {
  const session = await Session.start();
  await mkdir(path.join(session.root, 'wheels'));
  const first = await session.runNotebook('kaggle', {
    PAGES: 'input',
    OUTPUT: 'first/translated',
    // The second pages begin long after the time is up, on a busy machine too.
    OPTIONS: '--load-seconds 0 --seconds 4',
    MAX_TIME: '1s',
    WHEELS: 'wheels',
  });
  expect(first.stdout).toContain('pip install --no-index --find-links=wheels mgpu-translate\n');
  expect(first.stdout).toContain('PREVIOUS is empty');
  expect(first.stdout).toContain('Exit code 4: time is up');
  expect(first.code).toBe(0);
  const done = await session.pagesIn('first/translated');
  expect(done.length).toBeLessThan(PAGES.length);

  // What Kaggle makes of it: an input that may not be written, here of a session that left its lock.
  const lock = {
    host: 'gone',
    bootId: 'x',
    pid: 1,
    pidNamespace: 'x',
    startTime: 1,
    run: 'x',
    since: '2026-11-28',
  };
  await session.write('first/translated/.mgpu/lock', JSON.stringify(lock));
  const earlier = new Date(Date.now() - 600_000);
  await utimes(path.join(session.root, 'first/translated/.mgpu/lock'), earlier, earlier);
  await cp(path.join(session.root, 'first'), path.join(session.root, 'kept'), {
    recursive: true,
    preserveTimestamps: true,
  });
  for (const folder of ['', '/.mgpu', '/chapter-1', '/chapter-2'])
    await chmod(path.join(session.root, `kept/translated${folder}`), 0o555).catch(() => undefined);
  // An earlier copy that was interrupted.
  await session.write('second/translated.copying/chapter-1/002.png', 'half');

  const settings = { PAGES: 'input', OUTPUT: 'second/translated', OPTIONS: '--load-seconds 0 --seconds 0' };
  const second = await session.runScript('kaggle', { ...settings, PREVIOUS: 'kept/translated' });
  expect(second.stdout).toContain('mgpu-translate is installed already');
  expect(second.stdout).toContain(`${done.length} files were copied`);
  expect(second.stdout).toContain(`${PAGES.length - done.length} translated`);
  expect(second.stdout).toContain('Exit code 0: every page is done.');
  expect(second.stdout).toMatch(/\nchapter-1\/001\.png,translated,/);
  expect(second.code).toBe(0);
  expect(await session.pagesIn('second/translated')).toEqual(PAGES);
  expect(await session.pagesIn('second')).toEqual(PAGES.map((page) => `translated/${page}`));

  const again = await session.runCell('kaggle', '.copying', { ...settings, PREVIOUS: 'kept/translated' });
  expect(again).toMatchObject({
    code: 0,
    stdout: 'second/translated is there already, so nothing is copied\n',
  });
});

test('a wrong PREVIOUS ends the notebook for Kaggle before anything is translated again', async () => {
  const session = await Session.start();
  const settings = { PAGES: 'input', OUTPUT: 'out', PREVIOUS: 'input', WHEELS: 'wheels' };
  await mkdir(path.join(session.root, 'wheels'));
  const { code, stderr } = await session.runNotebook('kaggle', settings);
  expect(stderr).toContain('input has no folder .mgpu');
  expect(code).toBe(2);
  expect(await readdir(session.root)).not.toContain('out');
});

test.each(NOTEBOOKS)(
  '%s without its wheels: what to do, and no package of this name from an index',
  async (name) => {
    const session = await Session.start();
    const { code, stdout, stderr } = await session.runCell(name, 'pip install', { WHEELS: 'none' });
    expect(stdout).not.toContain('pip');
    expect(stderr).toMatch(/^there is no folder none: .* wheels .*WHEELS.*\n$/);
    expect(code).toBe(1);
  },
);

test.each([
  [0, true, 0],
  [1, true, 0],
  [2, true, 2],
  [3, true, 0],
  [3, false, 3],
  [4, true, 0],
  [130, true, 0],
  [127, false, 127],
])('Kaggle: after exit code %i, with an output: %s, both cells end with %i', async (ends, isThere, code) => {
  const session = await Session.start();
  await session.program('mgpu-translate', `exit ${ends}`);
  if (isThere) await mkdir(path.join(session.root, 'out'));
  const settings = { PAGES: 'input', OUTPUT: 'out', TRANSLATOR: 'demo', MAX_TIME: '1h', OPTIONS: '' };
  const cell = await session.runCell('kaggle', '--max-time', settings);
  const readme = await session.runReadme('kaggle', settings);
  expect([cell.code, readme.code]).toEqual([code, code]);
  if (code === 0)
    expect(`${cell.stdout}${readme.stdout}`.match(new RegExp(`xit code ${ends}\\b`, 'g'))).toHaveLength(2);
});

test('the notebook for Colab works on a mounted Drive', async () => {
  const session = await Session.start();
  await session.write('python/google/colab/drive.py', "def mount(folder): print('mounted', folder)\n");
  await cp(path.join(session.root, 'input'), path.join(session.root, 'drive/input'), { recursive: true });
  await session.write('drive/input/bad.png', 'no image');
  const options = '--load-seconds 0 --seconds 0';
  const settings = { DRIVE: 'drive', WORK: 'work', WHEELS: 'drive/wheels', OPTIONS: options };
  await mkdir(path.join(session.root, 'drive/wheels'));
  const { code, stdout } = await session.runNotebook('colab', settings);
  expect(stdout).toContain('mounted /content/drive\n');
  expect(stdout).toContain('Exit code 1: done, but some pages failed.');
  expect(stdout).toContain('\nbad.png,failed,unreadable,');
  expect(code).toBe(0);
  expect(await session.pagesIn('drive/translated')).toEqual(PAGES);
  expect(await readFile(path.join(session.root, 'drive/translated.csv'), 'utf8')).toContain(
    'chapter-2/002.png',
  );
  expect(await readdir(path.join(session.root, 'work')).catch(() => [])).toEqual([]);
});
