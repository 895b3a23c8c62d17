import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { RunTool } from '../devices/run-tool.ts';
import { withHomeIn } from '../model/command-words.ts';
import { findProgram } from '../model/find-program.ts';
import { cannotRun, usageError } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { readRegular } from '../pages/open-regular.ts';
import { type OutputPattern, parseOutputPattern } from '../pages/output-pattern.ts';
import { demoTranslator } from './demo/demo.ts';
import { assertInterpreter } from './first-line.ts';
import { notThere, WAYS } from './not-there.ts';
import { findPython } from './python.ts';
import { recipeOf } from './recipes/recipes.ts';
import { namesPageOutput, parseTemplate } from './script/command-template.ts';
import { type OutputsIn, parseOutputsIn } from './script/outputs-in.ts';
import { programName } from './script/program-name.ts';
import { ScriptTranslator } from './script/script.ts';
import type { Translator } from './translator.ts';
import { WorkerTranslator } from './worker/worker.ts';

/** A larger Python file was not written by hand. */
const MOST_SOURCE_BYTES = 1024 * 1024;

/** Where a translator is looked for. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Asks a Python what it has. */
  readonly run?: RunTool;
}

/**
 * The translator of a run: `--command`, `--translator`, else `translate.py` in the current folder, else a
 * manga_translator package there or importable by the chosen Python. The demo is never taken unasked: nobody wants stamped
 * pages by surprise.
 * @throws Refusal (2 or 3) where there is none, no Python to run it, or its own options are wrong
 */
export async function findTranslator(options: RunOptions, around: Surroundings): Promise<Translator> {
  const translator = await translatorOf(options, around);
  assertOwnAffair(translator, options);
  return translator;
}

/** @throws Refusal (2) for options that say what is known of this translator, or has no meaning for it */
function assertOwnAffair(
  translator: Translator,
  { outputName, batchLayout, outputsIn, command }: RunOptions,
): void {
  const { name } = translator;
  const given = batchLayout === undefined ? '--outputs-in' : '--batch-layout';
  if ((batchLayout !== undefined || outputsIn !== undefined) && translator.kind === 'warm') {
    throw usageError(
      `${given}: ${name} is a warm worker, which gets one page after another and no folder`,
      'leave it out: it is for scripts and --command, which get folders of pages',
    );
  }
  const isScript = translator instanceof ScriptTranslator;
  if (batchLayout !== undefined && !isScript) {
    throw usageError(
      `--batch-layout: ${name} reads folders in folders`,
      'leave it out: it is for scripts and --command',
    );
  }
  const isOwnAffair = isScript && !translator.isKnown;
  const namesOutputs = command !== undefined && namesPageOutput(parseTemplate(command));
  if (outputsIn !== undefined && namesOutputs) {
    throw usageError(
      '--outputs-in: {pageOutput} in --command says where outputs are',
      'leave out one of the two',
    );
  }
  if (outputsIn !== undefined && !isOwnAffair) {
    throw usageError(
      `--outputs-in: it is known where ${name} writes its outputs`,
      'leave it out: it is for scripts and --command, which write where they like',
    );
  }
  if (outputName !== undefined && !isOwnAffair) {
    throw usageError(
      `--output-name: it is known how ${name} names its outputs`,
      'leave it out: it is for scripts and --command, which name them as they like',
    );
  }
}

async function translatorOf(options: RunOptions, around: Surroundings): Promise<Translator> {
  const { translator, command, python, translatorArgs: args, format, batchLayout: layout } = options;
  const { cwd } = around;
  if (options.engine !== 'local') {
    const { translatorElsewhere } = await import('./translator-elsewhere.ts');
    return translatorElsewhere(options, around);
  }
  const outputPattern = outputPatternOf(options);
  const outputsIn = outputsInOf(options);
  if (command !== undefined) {
    const template = { words: withHomeIn(parseTemplate(command).words, around.env.HOME ?? homedir()) };
    const [program = '', ...words] = template.words;
    const file = program.includes('{') ? program : await findProgram(program, around.env, cwd);
    if (file === undefined) {
      throw cannotRun(
        `--command: ${program} does not exist or is not executable`,
        'use a program on PATH, or give its path',
      );
    }
    if (!program.includes('{')) await assertInterpreter('--command', file, around);
    return new ScriptTranslator({
      name: programName(template.words),
      template: { ...template, words: [file, ...words] },
      args,
      cwd,
      format,
      outputPattern,
      layout,
      outputsIn,
      shape: { translator: 'command', command, args },
    });
  }
  if (translator === 'demo')
    return demoTranslator({ python: await findPython(python, around), args, cwd, format, layout });
  const named = translator === undefined ? undefined : recipeOf(translator);
  if (named) {
    const [{ findProgramFolder }, { recipeTranslator }] = await Promise.all([
      import('./recipes/find.ts'),
      import('./recipes/recipe-translator.ts'),
    ]);
    const folder = await findProgramFolder(named.recipe, named.folder, cwd);
    const { file } = await findPython(python, around);
    return recipeTranslator(named.recipe, { folder, python: file }, options);
  }
  if (translator?.startsWith('worker:'))
    return workerTranslator(translator.slice('worker:'.length), options, around);
  const script = path.resolve(cwd, translator ?? 'translate.py');
  const found = await stat(script).catch(() => undefined);
  if (found?.isFile() && script.endsWith('.py')) {
    if (await isWorker(script)) {
      throw usageError(
        `--translator ${translator ?? 'translate.py'}: it imports mgpu_worker, so it is a warm worker and no script`,
        `write --translator worker:${translator ?? 'translate.py'}`,
      );
    }
    const { file } = await findPython(python, around);
    return new ScriptTranslator({
      name: path.basename(script),
      template: { words: [file, script, '--input', '{input}', '--output', '{output}'] },
      args,
      cwd,
      format,
      outputPattern,
      layout,
      outputsIn,
      shape: { translator: 'script', script, args },
    });
  }
  if (translator?.endsWith('.py')) throw await notThere(translator, 'no such file', cwd);
  if (found?.isFile() && translator !== undefined) {
    throw cannotRun(
      `--translator ${translator}: not a Python script`,
      'for any other program: --command "PROGRAM {input} {output}"; for a worker: --translator worker:PATH',
    );
  }
  if (translator !== undefined && translator !== 'manga-image-translator' && !found)
    throw await notThere(translator, 'no such file or folder', cwd);
  const interpreter = (await findPython(python, around)).file;
  const { findMangaImageTranslator } = await import('./manga-image-translator/find.ts');
  const manga = await findMangaImageTranslator({ ...around, wanted: translator, python: interpreter });
  if (!manga) {
    throw cannotRun(
      `no translator was found: neither translate.py nor manga_translator in the current folder, and ${interpreter} can't import manga_translator`,
      WAYS,
    );
  }
  const { mangaImageTranslator } = await import('./manga-image-translator/manga.ts');
  return mangaImageTranslator({ found: manga, python: interpreter, cwd, args, format, warm: options.warm });
}

/** True for a Python file that speaks the worker protocol by our library, and takes no `--input` as a script has to. */
async function isWorker(script: string): Promise<boolean> {
  const text = await readRegular(script, { maxBytes: MOST_SOURCE_BYTES, followLinks: true }).catch(() => '');
  return /^\s*(?:from\s+|import\s[^\n#]*\b)mgpu_worker\b/m.test(text) && !text.includes('--input');
}

/** @throws Refusal (2) where the name says another suffix than `--format` */
function outputPatternOf({ outputName, format }: RunOptions): OutputPattern | undefined {
  if (outputName === undefined) return undefined;
  const pattern = parseOutputPattern(outputName);
  if (typeof pattern === 'string') throw usageError(`--output-name ${outputName}: ${pattern}`);
  if (pattern.suffix !== undefined && format !== undefined && pattern.suffix !== format) {
    throw usageError(
      `--output-name ${outputName}: ends with .${pattern.suffix}, and --format says ${format}`,
      'let it end with {ext}',
    );
  }
  return pattern;
}

/** @throws Refusal (2) where it is no place in a batch */
function outputsInOf({ outputsIn }: RunOptions): OutputsIn | undefined {
  if (outputsIn === undefined) return undefined;
  const place = parseOutputsIn(outputsIn);
  if (typeof place === 'string') throw usageError(`--outputs-in ${outputsIn}: ${place}`);
  return place;
}

async function workerTranslator(
  given: string,
  { python, translatorArgs: args, format }: RunOptions,
  around: Surroundings,
): Promise<Translator> {
  const { cwd, env } = around;
  const file = path.resolve(cwd, given);
  const isPython = file.endsWith('.py');
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw await notThere(`worker:${given}`, 'no such file', cwd);
  if (!isPython && (await findProgram(file, env, cwd)) === undefined) {
    throw cannotRun(`--translator worker:${given}: it is not executable`, `chmod +x ${given}`);
  }
  if (!isPython) await assertInterpreter(`--translator worker:${given}`, file, around);
  const interpreter = isPython ? (await findPython(python, around)).file : undefined;
  return new WorkerTranslator({ file, python: interpreter, args, cwd, format, pythonPath: env.PYTHONPATH });
}
