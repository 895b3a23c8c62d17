import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pythonFile } from '../../../src/translators/python-files.ts';
import { parseWorkerLine, requestLine, type WorkerLine } from '../../../src/workers/protocol.ts';

const FAKE = join(import.meta.dirname, '../../fixtures/fake-manga-translator/manga_translator');
const WORKER = pythonFile('manga_image_translator_worker.py');
let root: string;
let checkout: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'warm-'));
  checkout = join(root, 'checkout');
  cpSync(FAKE, join(checkout, 'manga_translator'), { recursive: true });
  return () => rmSync(root, { recursive: true, force: true });
});

interface Told {
  readonly lines: readonly WorkerLine[];
  readonly stderr: string;
  readonly status: number | null;
}

/** Gives a fresh worker the pages, each `NAME` or `GROUP/NAME`, and returns what it said. */
function work(
  pages: readonly string[],
  { options = [], env = {} }: { options?: string[]; env?: NodeJS.ProcessEnv } = {},
): Told {
  const input = pages.map((page) => {
    const name = page.slice(page.lastIndexOf('/') + 1);
    const source = join(root, name);
    writeFileSync(source, name.startsWith('empty') ? '' : 'page');
    const group = page.slice(0, Math.max(0, page.lastIndexOf('/')));
    return requestLine({ id: page, input: source, output: join(root, 'work', name), group });
  });
  const { stdout, stderr, status } = spawnSync(
    'python3',
    ['-S', '-B', WORKER, '--checkout', checkout, '--', ...options],
    {
      input: input.join(''),
      encoding: 'utf8',
      cwd: root,
      env: { PATH: process.env.PATH, MGPU_SLOT: 'cpu-0', ...env },
    },
  );
  const lines = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => parseWorkerLine(line));
  return { lines, stderr, status };
}

/** What was said of each page in the end. */
const answers = ({ lines }: Told) => lines.filter((line) => line.type === 'done' || line.type === 'failed');
const made = (): string[] => (existsSync(join(root, 'work')) ? readdirSync(join(root, 'work')).sort() : []);

test('loads once, then tells stages and outcome of each page', () => {
  const told = work(['1.png', 'blank.png', 'no-text.png', 'numbers.webp']);
  expect(told.lines[0]).toMatchObject({ type: 'ready', translator: 'manga-image-translator', device: 'cpu' });
  expect(answers(told)).toMatchObject([
    { type: 'done', id: '1.png', outcome: 'translated', stages: { detection: expect.any(Number) } },
    { type: 'done', id: 'blank.png', outcome: 'no-text' },
    { type: 'done', id: 'no-text.png', outcome: 'no-text' },
    { type: 'done', id: 'numbers.webp', outcome: 'untranslated' },
  ]);
  const stages = told.lines.flatMap((line) =>
    line.type === 'stage' && line.id === '1.png' ? [line.stage] : [],
  );
  expect(stages).toEqual([
    'loading',
    'detection',
    'ocr',
    'textline-merge',
    'translating',
    'mask-generation',
    'inpainting',
    'rendering',
    'saving',
  ]);
  expect(made()).toEqual(['1.png', 'blank.png', 'no-text.png', 'numbers.webp']);
  expect(told).toMatchObject({ status: 0, stderr: expect.not.stringContaining('never awaited') });
});

test('a page that fails says for which reason, and the next page comes', () => {
  const failures: readonly (readonly [page: string, reason: string, message: string])[] = [
    ['oom.png', 'oom', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 13.42 GiB'],
    ['fail-detection.png', 'error', 'ValueError: this page fails in detection'],
    ['fail-ocr.png', 'error', 'ValueError: this page fails in ocr'],
    ['fail-translating.png', 'error', 'ValueError: this page fails in translating'],
    ['fail-rendering.png', 'error', 'ValueError: this page fails in rendering'],
    ['cut.jpg', 'unreadable', 'image file is truncated'],
    ['empty.png', 'unreadable', ''],
    ['page.bmp', 'error', 'Format bmp is not supported'],
    ['save-error.webp', 'error', 'encoder error'],
    ['silent.png', 'error', 'without an output'],
  ];
  const good = (at: number): string => `${10 + at}.png`;
  const told = work(
    failures.flatMap(([page], at) => [page, good(at)]),
    { options: ['--ignore-errors'] },
  );
  expect(answers(told)).toMatchObject(
    failures.flatMap(([page, reason, message], at) => [
      { type: 'failed', id: page, reason, message: expect.stringContaining(message) },
      { type: 'done', id: good(at), outcome: 'translated' },
    ]),
  );
  expect(told.stderr).toContain('--ignore-errors is left out');
});

test('leaves nothing in the checkout, and replaces what stands in its place', () => {
  work(['1.png']);
  writeFileSync(join(root, 'work/1.png'), 'somebody else');
  work(['1.png']);
  expect(readdirSync(checkout)).toEqual(['manga_translator']);
  expect(readFileSync(join(root, 'work/1.png')).subarray(1, 4).toString()).toBe('PNG');
});

test('--skip-no-text leaves no file for a page without text; an untranslated one is kept', () => {
  const told = work(['blank.png', 'numbers.png', '1.png'], { options: ['--skip-no-text'] });
  expect(answers(told)).toMatchObject([
    { outcome: 'no-text', output: null },
    { outcome: 'untranslated' },
    { outcome: 'translated' },
  ]);
  expect(made()).toEqual(['1.png', 'numbers.png']);
});

test('--save-text writes the text beside the output', () => {
  expect(answers(work(['1.png', 'blank.png'], { options: ['--save-text'] }))).toMatchObject([
    { outcome: 'translated' },
    { outcome: 'no-text' },
  ]);
  expect(made()).toEqual(['1.png', '1_translations.txt', 'blank.png']);
  const text = readFileSync(join(root, 'work/1_translations.txt'), 'utf8');
  expect(text).toContain('text:  text of 1.png\ntrans: TEXT OF 1.PNG\ncoords: [1, 2, 3, 2, 3, 4, 1, 4]\n');
});

test('a quality changes no suffix', () => {
  work(['1.png', '2.jpg'], { options: ['--save-quality', '80'] });
  expect(made()).toEqual(['1.png', '2.jpg']);
});

test('context is carried within a group and not beyond', () => {
  const { stderr } = work(['a/1.png', 'a/2.png', 'b/3.png', 'b/4.png'], { options: ['--context-size', '3'] });
  const seen = [...stderr.matchAll(/(\d)\.png: (\d) of \d pages before/g)].map(([, page, count]) => [
    page,
    count,
  ]);
  expect(seen).toEqual([
    ['1', '0'],
    ['2', '1'],
    ['3', '0'],
    ['4', '1'],
  ]);
});

test('asks for the GPU unless its slot is the CPU', () => {
  const gpu = { MGPU_SLOT: 'gpu0-0' };
  expect(work([], { env: { ...gpu, FAKE_MANGA_CUDA: '1' } }).lines).toMatchObject([
    { type: 'ready', device: 'cuda:0' },
  ]);
  expect(work([], { options: ['--use-gpu-limited'] }).lines).toMatchObject([
    { type: 'ready', device: 'cpu' },
  ]);
  const without = work([], { env: gpu });
  expect(without.lines).toEqual([]);
  expect(without.status).not.toBe(0);
  expect(without.stderr).toContain('CUDA or Metal compatible device could not be found');
});

test.each([
  ['hook', 'no add_progress_hook', ['translated', 'no-text', 'untranslated']],
  ['reparse', 'does not know: --attempts 0', ['translated', 'no-text', 'untranslated']],
  ['prepare', 'loaded with the first page', ['translated', 'no-text', 'untranslated']],
  ['log', 'its log', ['translated', 'no-text', 'untranslated']],
  ['context', '', ['translated', 'no-text', 'untranslated']],
])('a version that lacks %s is named and works as well as it can', (lacks, words, outcomes) => {
  const told = work(['1.png', 'blank.png', 'numbers.png', 'oom.png', 'empty.png'], {
    options: ['--attempts', '0'],
    env: { FAKE_MANGA_LACKS: lacks },
  });
  expect(answers(told)).toMatchObject([
    ...outcomes.map((outcome) => ({ outcome })),
    { type: 'failed', reason: 'oom' },
    { type: 'failed', reason: 'unreadable' },
  ]);
  expect(told.stderr).toContain(words);
});

test.each([
  [['--batch-size', '2'], 'a warm worker takes one page at a time'],
  [['--save-text-file', 'x.txt'], '--save-text writes one beside each output'],
  [['--no-such-option'], 'unrecognized arguments: --no-such-option'],
  [['--config-file', 'nowhere.json'], 'nowhere.json'],
])('%j ends it before any page, with the reason', (options, words) => {
  const told = work(['1.png'], { options });
  expect(told.lines).toEqual([]);
  expect(told.status).toBeGreaterThan(0);
  expect(told.stderr).toContain(words);
});

test('no question of the program is ever waited for', () => {
  const download = { FAKE_MANGA_DOWNLOAD_SECONDS: '0.01' };
  expect(work(['1.png'], { env: download }).lines[0]).toMatchObject({ type: 'ready' });
  rmSync(join(checkout, 'models/detect.ckpt'));
  writeFileSync(join(checkout, 'models/detect.ckpt.part'), 'half');
  expect(work(['1.png'], { env: download })).toMatchObject({
    lines: [],
    status: 1,
    stderr: expect.stringContaining('EOFError'),
  });
});

test('one page can be tried by hand', () => {
  writeFileSync(join(root, 'in.png'), 'page');
  const { stdout, status } = spawnSync(
    'python3',
    ['-B', WORKER, '--checkout', checkout, join(root, 'in.png'), join(root, 'out.png'), '--'],
    { encoding: 'utf8', env: { PATH: process.env.PATH, FAKE_MANGA_CUDA: '1' } },
  );
  expect(stdout).toContain('Page translated');
  expect(status).toBe(0);
});
