import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { pythonFile } from '../../src/translators/python-files.ts';
import { pageRequest, parseWorkerLine } from '../../src/workers/protocol.ts';
import { png } from '../fixtures/images.ts';
import { askWorker, BY_LAUNCHER, PYTHON } from './ask-worker.ts';

const DOCS = readFileSync(fileURLToPath(new URL('../../docs/worker-protocol.md', import.meta.url)), 'utf8');
const PAGE = png(80, 60);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'docs-'));
  writeFileSync(join(root, 'page.png'), PAGE);
  return () => rmSync(root, { recursive: true, force: true });
});

/** Writes the code that the docs show in this language, under the name that it has there. */
function saveShown(language: string): { file: string; lines: number } {
  const code = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(DOCS)?.[1] ?? '';
  const name = /^(?:#|\/\/) (\S+\.\w+)$/m.exec(code)?.[1] ?? 'unnamed';
  const file = join(root, name);
  writeFileSync(file, code);
  chmodSync(file, 0o755);
  return { file, lines: code.split('\n').filter((line) => line !== '').length };
}

const page = (id: string) => ({ id, input: join(root, 'page.png'), output: join(root, 'out', id) });

test('the Python worker of the docs works as it is shown', () => {
  const { file, lines } = saveShown('python');
  expect(lines).toBeLessThanOrEqual(20);
  copyFileSync(pythonFile('mgpu_worker.py'), join(root, 'mgpu_worker.py'));
  const env = { PATH: process.env.PATH, ...BY_LAUNCHER };
  writeFileSync(join(root, 'empty.png'), '');
  const pages = [page('ch 1/a.png'), page('cover.png'), { ...page('b.png'), input: join(root, 'empty.png') }];
  const { said, status } = askWorker([PYTHON, file], pages, { env, cwd: root });
  const [reading, translating] = ['reading', 'translating'].map((stage) => ({ type: 'stage', stage }));
  expect(said).toMatchObject([
    { type: 'ready', translator: 'my-model', version: '1.0', device: 'cpu' },
    reading,
    translating,
    { type: 'done', id: 'ch 1/a.png', outcome: 'translated', stages: { reading: expect.any(Number) } },
    reading,
    translating,
    { type: 'done', id: 'cover.png', outcome: 'no-text' },
    reading,
    { type: 'failed', id: 'b.png', reason: 'unreadable', message: 'Unreadable: the file is empty' },
  ]);
  expect(readFileSync(join(root, 'out/ch 1/a.png'))).toEqual(PAGE);
  expect(status).toBe(0);
});

test('and by hand, with the command of the docs', () => {
  const { file } = saveShown('python');
  copyFileSync(pythonFile('mgpu_worker.py'), join(root, 'mgpu_worker.py'));
  const [, ...args] = /^python (my_worker\.py .*)$/m.exec(DOCS)?.[1]?.split(' ') ?? [];
  const { stdout, status } = spawnSync(PYTHON, [file, ...args], { cwd: root, encoding: 'utf8' });
  expect(stdout).toContain('Page translated');
  expect(readFileSync(join(root, 'out.png'))).toEqual(PAGE);
  expect(status).toBe(0);
});

test('the worker without the library works as it is shown', () => {
  const { file } = saveShown('js');
  const missing = { ...page('b.png'), input: join(root, 'missing.png') };
  const { said, status } = askWorker([file], [page('ch1/a.png'), missing], { env: process.env, cwd: root });
  expect(said).toMatchObject([
    { type: 'ready', translator: 'copy' },
    { type: 'done', id: 'ch1/a.png', outcome: 'no-text' },
    { type: 'failed', id: 'b.png', reason: 'error', message: expect.stringContaining('ENOENT') },
  ]);
  expect(readFileSync(join(root, 'out/ch1/a.png'))).toEqual(PAGE);
  expect(status).toBe(0);
});

test('every line that the docs show is one of the protocol', () => {
  const shown = [...DOCS.matchAll(/^\| `(\{"type".*?\})` \|/gm)].map(
    ([, line = '']) => parseWorkerLine(line).type,
  );
  expect(shown).toEqual(['ready', 'stage', 'done', 'failed']);
  const request = /^```json\n(.*?)\n```$/ms.exec(DOCS)?.[1] ?? '';
  expect(pageRequest.parse(JSON.parse(request))).toEqual(JSON.parse(request));
});
