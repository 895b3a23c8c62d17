import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readTranslateOptions } from '../../src/library/translate-options.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';
import { tempFolder } from '../pages/temp-folder.ts';

/** What is said of `--translator mine.py` with this content; `script` where it is taken for one. */
async function saidOf(content: string): Promise<unknown> {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, 'mine.py'), content);
  const around = { cwd, env: { PATH: process.env.PATH } };
  return findTranslator(readTranslateOptions({ input: 'in', translator: 'mine.py' }, around), around).then(
    ({ kind }) => (kind === 'one-shot' ? 'script' : kind),
    (error: unknown) => error,
  );
}

test.each([
  'import mgpu_worker\nmgpu_worker.run()\n',
  'import os, mgpu_worker\n',
  'if True:\n    from mgpu_worker import run\n',
])('%j is a warm worker, and no script', async (content) => {
  expect(await saidOf(content)).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^--translator mine\.py: it imports mgpu_worker/),
    hint: 'write --translator worker:mine.py',
  });
});

test.each([
  'import argparse\n',
  '# import mgpu_worker\n',
  'import mgpu_worker\nparser.add_argument("--input")\n',
  'import os  # not mgpu_worker\n',
])('%j stays a script', async (content) => {
  expect(await saidOf(content)).toBe('script');
});
