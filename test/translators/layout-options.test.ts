import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readTranslateOptions, type TranslateOptions } from '../../src/library/translate-options.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';
import { tempFolder } from '../pages/temp-folder.ts';

/** The translator that is found, or why none is. */
async function found(options: TranslateOptions) {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, 'worker.py'), '');
  const env = { PATH: process.env.PATH };
  try {
    return await findTranslator(readTranslateOptions({ input: 'x', ...options }, { cwd, env }), { cwd, env });
  } catch (error) {
    if (error instanceof Refusal) return `${error.exitCode} ${error.message}`;
    throw error;
  }
}

const command = 'sh {input} {output}';

test.each<[TranslateOptions, string]>([
  [
    { translator: 'worker:worker.py', batchLayout: 'flat' },
    '2 --batch-layout: worker.py is a warm worker, which gets one page after another and no folder',
  ],
  [
    { translator: 'worker:worker.py', outputsIn: '{input}/result' },
    '2 --outputs-in: worker.py is a warm worker, which gets one page after another and no folder',
  ],
  [
    { translator: 'demo', outputsIn: '{input}/result' },
    '2 --outputs-in: it is known where demo writes its outputs',
  ],
  [
    { command: 'sh {page} {pageOutput}', outputsIn: '{input}' },
    '2 --outputs-in: {pageOutput} in --command says where outputs are',
  ],
  [
    { command, outputsIn: '../result' },
    "2 translatePages: outputsIn is ../result: has to begin with {input} or {output}, the folders of a script's batch: '{input}/result'",
  ],
  [
    { command, batchLayout: 'flatt' as 'flat' },
    '2 translatePages: batchLayout is flatt: no such layout; did you mean flat? (tree, folder, flat)',
  ],
])('%j is refused', async (options, words) => {
  expect(await found(options)).toBe(words);
});

test('a script gets its layout and its place for outputs', async () => {
  const script = await found({ command, batchLayout: 'folder', outputsIn: '{input}/result' });
  expect(script).toMatchObject({ layout: 'folder', outputsAmongPages: 'result', guessesOutputs: false });
  expect(await found({ command })).toMatchObject({ layout: undefined, outputsAmongPages: undefined });
});
