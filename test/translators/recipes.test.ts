import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatTranslators, translatorsReport } from '../../src/cli/translators.ts';
import { readTranslateOptions, type TranslateOptions } from '../../src/library/translate-options.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';
import { RECIPES, recipeOf } from '../../src/translators/recipes/recipes.ts';
import { ScriptTranslator } from '../../src/translators/script/script.ts';
import { tempFolder } from '../pages/temp-folder.ts';

const BATCH = { input: '/w/in', output: '/w/out' };
const SLOT = { id: 'cpu-0', gpu: null };

/** A folder with a clone of each program, each with the files that tell it. */
async function clones(): Promise<string> {
  const cwd = await tempFolder();
  for (const { title, files } of RECIPES) {
    for (const file of files) {
      const at = path.join(cwd, title, file.split('|')[0] ?? '');
      await mkdir(path.dirname(at), { recursive: true });
      await writeFile(at, '');
    }
  }
  return cwd;
}

async function found(cwd: string, options: TranslateOptions): Promise<ScriptTranslator | string> {
  const env = { PATH: process.env.PATH };
  try {
    const read = readTranslateOptions({ input: 'x', ...options }, { cwd, env });
    const translator = await findTranslator(read, { cwd, env });
    if (translator instanceof ScriptTranslator) return translator;
    throw new Error(translator.name);
  } catch (error) {
    if (error instanceof Refusal) return `${error.exitCode} ${error.message}`;
    throw error;
  }
}

test.each(RECIPES)('$name is found in its clone, and by its folder', async ({ name, title }) => {
  const cwd = await clones();
  for (const [translator, from] of [
    [name, cwd],
    [name, path.join(cwd, title)],
    [`${name}:${title}`, cwd],
    [`${name}:${path.join(cwd, title)}`, '/'],
  ] as const) {
    const script = await found(from, { translator });
    if (typeof script === 'string') throw new Error(script);
    expect(script.command(BATCH, SLOT).cwd).toBe(path.join(cwd, title));
  }
});

test.each<[string, TranslateOptions, readonly string[], string]>([
  [
    'manga-translator-ui',
    {},
    ['-m', 'manga_translator', 'local', '-i', '/w/in', '-o', '/w/out', '--overwrite'],
    '/w/out/in',
  ],
  [
    'mangatranslator',
    { format: 'jpg' },
    ['main.py', '--input', '/w/in', '--batch', '--output', '/w/out', '--output-format', 'jpeg'],
    '/w/out',
  ],
  ['ballonstranslator', {}, ['launch.py', '--headless', '--exec_dirs', '/w/in', '--frozen'], '/w/in/result'],
  [
    'real-esrgan',
    { format: 'png', translatorArgs: ['-s', '2'] },
    ['inference_realesrgan.py', '-i', '/w/in', '-o', '/w/out', '--suffix=', '--ext', 'png', '-s', '2'],
    '/w/out',
  ],
])('%s with %j is started with %j', async (translator, options, args, outputs) => {
  const script = await found(await clones(), { translator, ...options });
  if (typeof script === 'string') throw new Error(script);
  expect(script.command(BATCH, SLOT).args).toEqual(args);
  expect(script.outputsOf(BATCH)).toBe(outputs);
  expect(script).toMatchObject({ guessesOutputs: false, guessesLayout: false, warnings: [] });
});

test.each<[TranslateOptions, string]>([
  [{ translator: 'real-esrgan:gone' }, '3 --translator real-esrgan:gone: no such folder'],
  [
    { translator: 'real-esrgan:MangaTranslator' },
    '3 --translator real-esrgan:MangaTranslator: no Real-ESRGAN in that folder (inference_realesrgan.py is missing)',
  ],
  [
    { translator: 'mangatranslator', format: 'webp' },
    '2 --format webp: MangaTranslator writes png, jpg, jpeg',
  ],
  [
    { translator: 'mangatranslator', batchLayout: 'tree' },
    '2 --batch-layout tree: MangaTranslator reads one level of folders',
  ],
  [
    { translator: 'mangatranslator', outputName: '{stem}{ext}' },
    '2 --output-name: it is known how MangaTranslator names its outputs',
  ],
  [
    { translator: 'real-esrgan', outputsIn: '{input}' },
    '2 --outputs-in: it is known where Real-ESRGAN writes its outputs',
  ],
])('%j is refused', async (options, words) => {
  expect(await found(await clones(), options)).toBe(words);
});

test('a program that is nowhere is asked for, with how to name its folder', async () => {
  expect(await found(await tempFolder(), { translator: 'real-esrgan' })).toBe(
    '3 --translator real-esrgan: Real-ESRGAN is neither the current folder nor in Real-ESRGAN there',
  );
});

test('other names are no recipes', () => {
  expect(
    ['worker:real-esrgan', 'Real-ESRGAN', './real-esrgan', 'demo', 'real-esrgan.py'].map(recipeOf),
  ).toEqual(Array.from({ length: 5 }, () => undefined));
});

test('the list has them all, and what is here', async () => {
  const cwd = await clones();
  const report = await translatorsReport(path.join(cwd, 'Real-ESRGAN'));
  expect(report.translators.map(({ name }) => name)).toEqual([
    'manga-image-translator',
    'demo',
    ...RECIPES.map(({ name }) => name),
  ]);
  expect(report.translators.filter((one) => one.found !== undefined)).toMatchObject([
    { name: 'real-esrgan' },
  ]);
  const text = formatTranslators(report);
  for (const { name, words } of RECIPES) {
    expect(text).toContain(`--translator ${name}[:FOLDER]`);
    expect(text).toContain(`starts PYTHON ${words.join(' ')}`);
  }
});
