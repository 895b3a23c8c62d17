import { shellQuote } from '../model/shell-quote.ts';
import { type Paint, PLAIN_PAINT } from '../report/colours.ts';
import { wrapWords } from '../report/text-width.ts';
import { findAround } from '../translators/recipes/find.ts';
import { RECIPES } from '../translators/recipes/recipes.ts';

/** A program that `--translator` takes by its name, as `translators` tells of it. */
interface TranslatorLine {
  readonly name: string;
  readonly about: string;
  /** How it is chosen. */
  readonly given: string;
  /** What it is started with, where that is no adapter's affair. */
  readonly command?: readonly string[];
  /** How pages stand in its batches. */
  readonly layout?: string;
  /** How it names its outputs, and where it leaves them. */
  readonly outputName?: string;
  readonly outputsIn?: string;
  readonly fails?: string;
  /** Its folder, where it is in the current one. */
  readonly found?: string;
}

/** What `translators --json` prints. */
interface TranslatorsReport {
  readonly v: 1;
  readonly translators: readonly TranslatorLine[];
}

/** Programs with an adapter of their own, and other ways to choose one. */
const ADAPTERS: readonly TranslatorLine[] = [
  {
    name: 'manga-image-translator',
    about: 'stays loaded, one page after another',
    given: '--translator manga-image-translator, or its folder',
  },
  { name: 'demo', about: 'stamps pages, to try things out', given: '--translator demo' },
];

/** What is known by name, and what of it is in the current folder. */
export async function translatorsReport(cwd: string): Promise<TranslatorsReport> {
  const recipes = RECIPES.map(async (recipe): Promise<TranslatorLine> => {
    const { name, about, words, layout, outputName = '{stem}{ext}', outputsIn = '{output}', fails } = recipe;
    const found = await findAround(recipe, cwd);
    return {
      name,
      about,
      given: `--translator ${name}[:FOLDER]`,
      command: ['PYTHON', ...words],
      layout,
      outputName,
      outputsIn,
      fails,
      ...(found !== undefined && { found }),
    };
  });
  return { v: 1, translators: [...ADAPTERS, ...(await Promise.all(recipes))] };
}

/** The report as text that ends with a newline. */
export function formatTranslators(
  { translators }: TranslatorsReport,
  { bold, dim, green }: Paint = PLAIN_PAINT,
  columns?: number,
): string {
  const lines = translators.flatMap((translator) => {
    const { name, about, given, command, found } = translator;
    const details = [
      given,
      ...(command ? [`starts ${shellQuote(command).replaceAll(/'(\{\w+\})'/g, '$1')}`] : []),
      ...habitsOf(translator),
    ];
    return [
      `${bold(name)}  ${about}${found === undefined ? '' : green(`  (found: ${found})`)}`,
      ...details.map((line) => dim(wrapWords(`  ${line}`, columns, 4))),
    ];
  });
  const others = 'Any other program: --translator SCRIPT.py, --translator worker:PATH, --command TEMPLATE';
  return `${[...lines, wrapWords(others, columns, 2)].join('\n')}\n`;
}

const PAGES: Readonly<Record<string, string>> = {
  tree: 'reads folders in folders',
  folder: 'gets one folder at a time',
  flat: 'gets its pages in one folder',
};

function habitsOf({ layout, outputName, outputsIn, fails }: TranslatorLine): string[] {
  if (layout === undefined) return [];
  return [
    `${PAGES[layout] ?? layout}; outputs ${outputName ?? ''} in ${outputsIn ?? ''}`,
    ...(fails === undefined ? [] : [fails]),
  ];
}
