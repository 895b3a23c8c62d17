import { usageError } from '../../model/refusal.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { OWN_NAMES, parseOutputPattern } from '../../pages/output-pattern.ts';
import { parseOutputsIn } from '../script/outputs-in.ts';
import { ScriptTranslator } from '../script/script.ts';
import type { Recipe } from './recipes.ts';

/** Where a recipe's program is, and who runs it. */
interface RecipeSetup {
  /** The program's folder, absolute. */
  readonly folder: string;
  /** Absolute path of the interpreter. */
  readonly python: string;
}

/**
 * The script of a recipe. @throws Refusal (2) for a layout that the program can't read, or a format that it doesn't write
 */
export function recipeTranslator(
  recipe: Recipe,
  { folder, python }: RecipeSetup,
  { translatorArgs: args, format, batchLayout }: RunOptions,
): ScriptTranslator {
  const { name, title, words, outputName, outputsIn, env, unfit } = recipe;
  return new ScriptTranslator({
    name: title,
    template: { words: [python, ...words, ...formatWords(recipe, format)] },
    args,
    cwd: folder,
    format,
    outputPattern: outputName === undefined ? OWN_NAMES : known(parseOutputPattern(outputName)),
    layout: layoutOf(recipe, batchLayout),
    outputsIn: outputsIn === undefined ? undefined : known(parseOutputsIn(outputsIn)),
    shape: { translator: name, args },
    isKnown: true,
    ...(env && { env }),
    ...(unfit && { unfit }),
  });
}

function layoutOf({ title, layout }: Recipe, wanted: RunOptions['batchLayout']): Recipe['layout'] {
  if (wanted === 'tree' && layout !== 'tree') {
    throw usageError(
      `--batch-layout tree: ${title} reads one level of folders`,
      'leave it out, or use folder or flat',
    );
  }
  return wanted ?? layout;
}

function formatWords({ title, formats }: Recipe, format: string | undefined): readonly string[] {
  if (format === undefined || formats === undefined) return [];
  const words = formats[format];
  if (words) return words;
  throw usageError(
    `--format ${format}: ${title} writes ${Object.keys(formats).join(', ')}`,
    'use one of these, or leave it out',
  );
}

/** What the table says is as it has to be. */
function known<T>(read: T | string): T {
  if (typeof read === 'string') throw new TypeError(read);
  return read;
}
