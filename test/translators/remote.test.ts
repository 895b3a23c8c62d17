import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunOptions } from '../../src/model/run-options.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';
import { onNode, packedFiles, packedWorker, remotePython } from '../../src/translators/remote.ts';
import type { RemoteWorker } from '../../src/translators/translator.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'remote-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const SLOT = { id: 'node1-gpu0-0', gpu: null };
const options = (given: Partial<RunOptions>): RunOptions =>
  ({ engine: 'ray', translatorArgs: [], warm: true, ...given }) as RunOptions;

async function elsewhere(given: Partial<RunOptions>, home = '/home/me'): Promise<RemoteWorker> {
  const translator = await findTranslator(options(given), { cwd, env: { HOME: home } });
  const remote = translator.kind === 'warm' ? await translator.elsewhere?.() : undefined;
  if (!remote) throw new Error('it is started nowhere else');
  return remote;
}

test.each([
  ['/home/me/models', '~/models'],
  ['/home/me', '/home/me'],
  ['/home/metoo/x', '/home/metoo/x'],
  ['/opt/x', '/opt/x'],
  ['--flag', '--flag'],
])('%s is %s on a node', (here, there) => {
  expect(onNode(here, '/home/me')).toBe(there);
});

test('the Python of the nodes: by its name, or in its place', () => {
  const around = { cwd: '/home/me/work', home: '/home/me' };
  expect(remotePython(undefined, around)).toBe('python3');
  expect(remotePython('python3.12', around)).toBe('python3.12');
  expect(remotePython('venv/bin/python', around)).toBe('~/work/venv/bin/python');
  expect(remotePython('/opt/venv/bin/python', around)).toBe('/opt/venv/bin/python');
});

test('a worker travels with the Python files in its folder, and with the library', async () => {
  writeFileSync(join(cwd, 'worker.py'), 'import helper');
  writeFileSync(join(cwd, 'helper.py'), '# caf\xe9', 'latin1');
  writeFileSync(join(cwd, 'notes.txt'), 'no');
  const remote = await elsewhere({ translator: 'worker:worker.py', translatorArgs: ['--fast'] });
  expect(remote.command(SLOT)).toEqual({
    file: 'python3',
    args: ['{files}/worker.py', '--fast'],
    cwd: '',
    env: { PYTHONPATH: '{files}' },
    placed: [0, 1],
  });
  const files = await packedFiles(remote);
  expect(Object.keys(files).sort()).toEqual(['helper.py', 'mgpu_worker.py', 'worker.py']);
  // As it is, whatever its encoding.
  expect(Buffer.from(files['helper.py'] ?? '', 'base64').toString('latin1')).toBe('# caf\xe9');
});

test('packages beside a worker travel with it where it imports them, and what these import', async () => {
  const files: Record<string, string> = {
    'worker.py':
      'import os, sys\nfrom text.lines import cut\n  import fonts.all as f, shapes ; x = 1\n# import notes',
    'other.py': 'import linked\n',
    'text/__init__.py': '',
    'text/lines.py': 'from . import deep\nimport basis',
    'text/deep/model.py': '',
    'text/words.json': '{}',
    'text/.cache/x.py': '',
    'text/not-a-name/x.py': '',
    'fonts/all.py': '',
    'shapes/README.md': '',
    'basis/x.py': 'import worker, text',
    'notes/x.py': '',
    'elsewhere/x.py': '',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  symlinkSync('elsewhere', join(cwd, 'linked'));
  symlinkSync('../worker.py', join(cwd, 'fonts', 'link.py'));
  symlinkSync('gone', join(cwd, 'fonts', 'dangling.py'));
  const remote = await elsewhere({ translator: 'worker:worker.py' });
  expect([...remote.files.keys()].sort()).toEqual([
    ...['basis/x.py', 'fonts/all.py', 'fonts/link.py', 'linked/x.py', 'mgpu_worker.py', 'other.py'],
    ...['text/__init__.py', 'text/deep/model.py', 'text/lines.py', 'worker.py'],
  ]);
  expect(remote.warnings).toEqual([]);
});

test('a package that is too large is left out, with a warning that says what to do', async () => {
  for (const name of ['large', 'small']) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, 'worker.py'), 'import large\nimport small');
  writeFileSync(join(cwd, 'large', 'x.py'), 'x'.repeat(1_048_570));
  writeFileSync(join(cwd, 'small', 'x.py'), '');
  const remote = await elsewhere({ translator: 'worker:worker.py' });
  expect([...remote.files.keys()]).toEqual(['mgpu_worker.py', 'worker.py', 'small/x.py']);
  const { warnings } = (await packedWorker({ elsewhere: async () => remote })) ?? {};
  expect(warnings).toEqual([expect.stringMatching(/^large\/ in .* is not sent .*1 MB.* Install it there/)]);
});

test('a package of too many folders is left out whole, not in part', async () => {
  writeFileSync(join(cwd, 'worker.py'), 'import many');
  for (let at = 0; at < 1001; at += 1) mkdirSync(join(cwd, 'many', `f${at}`), { recursive: true });
  writeFileSync(join(cwd, 'many', '__init__.py'), '');
  const remote = await elsewhere({ translator: 'worker:worker.py' });
  expect([...remote.files.keys()]).toEqual(['mgpu_worker.py', 'worker.py']);
  expect(remote.warnings).toEqual([expect.stringMatching(/^many\/ in .* 1000 files/)]);
});

test('what only looks like a Python file does not travel, and is no trouble', async () => {
  writeFileSync(join(cwd, 'worker.py'), '');
  writeFileSync(join(cwd, 'real.py'), '# linked');
  mkdirSync(join(cwd, 'folder.py'));
  symlinkSync('nobody@host:1', join(cwd, '.#worker.py'));
  symlinkSync('gone', join(cwd, 'dangling.py'));
  symlinkSync('real.py', join(cwd, 'link.py'));
  const files = await packedFiles(await elsewhere({ translator: 'worker:worker.py' }));
  expect(Object.keys(files).sort()).toEqual(['link.py', 'mgpu_worker.py', 'real.py', 'worker.py']);
});

test('more than 1 MB of Python files does not travel', async () => {
  writeFileSync(join(cwd, 'worker.py'), '');
  writeFileSync(join(cwd, 'data.py'), 'x'.repeat(1_048_576));
  const remote = await elsewhere({ translator: 'worker:worker.py' });
  await expect(packedFiles(remote)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('more than 1 MB'),
    hint: expect.stringContaining('a folder of their own'),
  });
});

test('a checkout is looked for on the nodes, with what its options name', async () => {
  mkdirSync(join(cwd, 'here'));
  const args = ['--config-file', join(cwd, 'c.json'), '--font-path', '~/own'];
  writeFileSync(join(cwd, 'c.json'), '{}');
  const remote = await elsewhere({ translator: './manga-image-translator', translatorArgs: args }, cwd);
  const { file, args: words, cwd: folder, placed } = remote.command(SLOT);
  expect(file).toBe('python3');
  expect(folder).toBe('~/manga-image-translator');
  expect(words.slice(0, 4)).toEqual([
    '{files}/manga_image_translator_worker.py',
    '--checkout',
    '~/manga-image-translator',
    '--',
  ]);
  expect(words.slice(4)).toEqual(['--config-file', '~/c.json', '--font-path', '~/own']);
  // What the user wrote so is not for the driver to read.
  expect(placed?.map((at) => [file, ...words][at])).toEqual([file, ...words.slice(0, 4), '~/c.json']);
  expect([...remote.files.keys()]).toContain('manga_program.py');
});

test('the demo travels whole', async () => {
  const remote = await elsewhere({ translator: 'demo', translatorArgs: ['~/x'] });
  expect(remote.command(SLOT)).toMatchObject({ args: ['{files}/demo_worker.py', '~/x'], placed: [0, 1] });
  const files = await packedFiles(remote);
  expect(Object.keys(files)).toContain('demo_font.py');
});

test.each<[string, Partial<RunOptions>, string]>([
  ['a script', { translator: 'translate.py' }, '--translator translate.py'],
  ['a command', { command: 'cp {input} {output}' }, '--command'],
  ['a known program', { translator: 'real-esrgan' }, '--translator real-esrgan'],
  ['a command line', { warm: false }, '--warm off'],
])('%s starts for each batch, and is refused with what to do', async (_, given, what) => {
  await expect(findTranslator(options(given), { cwd, env: {} })).rejects.toMatchObject({
    exitCode: 2,
    message: `--engine ray takes workers that stay loaded, and ${what} starts for each batch of pages`,
    hint: expect.stringContaining('--part'),
  });
});

test('a worker that is not there is refused here; one that is no Python file need not be here', async () => {
  await expect(elsewhere({ translator: 'worker:nothing.py' })).rejects.toMatchObject({ exitCode: 3 });
  const remote = await elsewhere({ translator: 'worker:/opt/program' });
  expect(remote.command(SLOT)).toMatchObject({ file: '/opt/program', placed: [0] });
});
