import type { BatchLayout } from '../../model/run-options.ts';

/** A program that is known: how it is started, how it names its outputs and where it leaves them. */
export interface Recipe {
  /** As `--translator` has it. */
  readonly name: string;
  /** As its own project writes it, which is also what a clone's folder is called. */
  readonly title: string;
  readonly about: string;
  /** Files, relative to its folder, that only a clone of it has. */
  readonly files: readonly string[];
  /** What Python is started with, in the program's folder. */
  readonly words: readonly string[];
  readonly layout: BatchLayout;
  /** `{stem}_translated{ext}`; missing: outputs have the names of their pages. */
  readonly outputName?: string;
  /** `{input}/result`; missing: the folder that it is told. */
  readonly outputsIn?: string;
  /** What it is told for `--format`, by suffix; missing: it has no such option. */
  readonly formats?: Readonly<Record<string, readonly string[]>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the path of a batch must not hold, and why. */
  readonly unfit?: { readonly pattern: RegExp; readonly why: string };
  /** How it fails, for its users. */
  readonly fails: string;
}

/** The programs that `--translator NAME[:FOLDER]` knows, in the order in which they are listed. */
export const RECIPES: readonly Recipe[] = [
  {
    name: 'manga-translator-ui',
    title: 'manga-translator-ui',
    about: "the command line of hgmzhn's fork of manga-image-translator",
    files: ['manga_translator/__main__.py', 'desktop_qt_ui'],
    words: ['-m', 'manga_translator', 'local', '-i', '{input}', '-o', '{output}', '--overwrite'],
    layout: 'tree',
    outputsIn: '{output}/in',
    fails: 'a page that fails has no output; exit code 0',
  },
  {
    name: 'mangatranslator',
    title: 'MangaTranslator',
    about: 'meangrinch/MangaTranslator in batches',
    files: ['main.py', 'core/pipeline.py'],
    words: ['main.py', '--input', '{input}', '--batch', '--output', '{output}'],
    layout: 'flat',
    outputName: '{stem}_translated{ext}',
    formats: {
      png: ['--output-format', 'png'],
      jpg: ['--output-format', 'jpeg'],
      jpeg: ['--output-format', 'jpeg'],
    },
    fails: 'a page that fails has no output; exit code 1 if one has failed',
  },
  {
    name: 'ballonstranslator',
    title: 'BallonsTranslator',
    about: 'dmMaze/BallonsTranslator without its window, set up in its window before',
    files: ['launch.py', 'ballontranslator|modules|ui'],
    words: ['launch.py', '--headless', '--exec_dirs', '{input}', '--frozen'],
    layout: 'folder',
    outputsIn: '{input}/result',
    env: { QT_QPA_PLATFORM: 'offscreen' },
    unfit: { pattern: /,/, why: 'it takes a comma in a path for the end of a folder' },
    fails: 'a page that fails has no output; exit code 0',
  },
  {
    name: 'real-esrgan',
    title: 'Real-ESRGAN',
    about: 'the upscaler xinntao/Real-ESRGAN (inference_realesrgan.py)',
    files: ['inference_realesrgan.py'],
    words: ['inference_realesrgan.py', '-i', '{input}', '-o', '{output}', '--suffix='],
    layout: 'flat',
    formats: { png: ['--ext', 'png'], jpg: ['--ext', 'jpg'] },
    unfit: { pattern: /[*?[]/, why: 'it takes these characters in a path for a pattern' },
    fails:
      'a file that it cannot read ends it with exit code 1; a page that needs too much memory is skipped, exit code 0',
  },
];

/** The recipe that `--translator` names, and the folder behind its colon; undefined where it names none. */
export function recipeOf(
  translator: string,
): { readonly recipe: Recipe; readonly folder: string | undefined } | undefined {
  const colon = translator.indexOf(':');
  const name = colon === -1 ? translator : translator.slice(0, colon);
  const recipe = RECIPES.find((one) => one.name === name);
  return recipe && { recipe, folder: colon === -1 ? undefined : translator.slice(colon + 1) };
}
