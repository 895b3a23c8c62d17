import { shellQuote } from '../../model/shell-quote.ts';

/** What stands in a command for what its program reads and writes. */
export interface Places {
  readonly input: string;
  readonly output: string;
}

export const FOLDERS: Places = { input: '{input}', output: '{output}' };
export const ONE_PAGE: Places = { input: '{page}', output: '{pageOutput}' };

/** How options for a folder of pages, or a page, are called. */
const FOR_INPUT =
  /^--?(?:i|in|inputs?|src|source|images?|pages?|folder|dir|path)(?:[-_]?(?:dir|directory|folder|path|images?))?$/i;
const FOR_OUTPUT =
  /^--?(?:o|out|outputs?|dest|dst|destination|save|saves?|results?|target)(?:[-_]?(?:dir|directory|folder|path|to))?$/i;

/** An argument of a program, as its usage names it. */
interface Argument {
  /** Missing: it is given by its place. */
  readonly flag?: string;
  readonly value: string;
  readonly isRequired: boolean;
}

/** What a program's form has to hold. */
interface Needs {
  /** What it said that it needs, besides its usage. */
  readonly required?: readonly string[] | undefined;
  readonly places: Places;
}

/**
 * The `--command` that fits a program by the usage that argparse or click printed; without one, that gives what it reads and
 * writes by their place.
 */
export function formFor(
  program: readonly string[],
  lines: readonly string[],
  { required = [], places: { input: read, output: written } }: Needs,
): string {
  const told = argumentsOf(lines);
  const missing = required
    .filter((name) => !told.some(({ flag, value }) => name === flag || name === value))
    .map((name): Argument => argumentOf(name));
  const all = [...told, ...missing];
  const places = all.filter(({ flag }) => flag === undefined);
  const input = all.find(({ flag }) => flag !== undefined && FOR_INPUT.test(flag)) ?? places.shift();
  const output = all.find(({ flag }) => flag !== undefined && FOR_OUTPUT.test(flag)) ?? places.shift();
  const others = all.filter((one) => one.isRequired && one !== input && one !== output);
  const isUnknown = input === undefined && output === undefined;
  const words = [
    ...program,
    ...(input || isUnknown ? wordsOf(input, read) : [read]),
    ...(output || isUnknown ? wordsOf(output, written) : []),
    ...others.flatMap((one) => wordsOf(one, one.value)),
  ];
  return commandOption(words);
}

/** The option as it is typed. */
export const commandOption = (words: readonly string[]): string =>
  `--command ${shellQuote([words.map((word) => (/^[\w./:@%+=,{}-]+$/.test(word) ? word : `"${word}"`)).join(' ')])}`;

const argumentOf = (name: string): Argument =>
  name.startsWith('-')
    ? { flag: name, value: name.replace(/^-+/, '').toUpperCase(), isRequired: true }
    : { value: name, isRequired: true };

const wordsOf = (argument: Argument | undefined, value: string): string[] =>
  argument?.flag === undefined ? [value] : [argument.flag, value];

/** What the last usage among the lines names: `usage: tr.py [-h] [--out OUT] --lang LANG folder`. */
function argumentsOf(lines: readonly string[]): Argument[] {
  const at = lines.findLastIndex((line) => /^\s*usage: /i.test(line));
  if (at === -1) return [];
  const more = lines.slice(at + 1).findIndex((line) => !/^\s/.test(line));
  const block = lines.slice(at, more === -1 ? undefined : at + 1 + more).join(' ');
  const found: Argument[] = [];
  const rest = block
    .replace(/^\s*usage: +(?:\S*python\S* +(?:-m +)?)?\S+/i, '')
    .replace(/\[([^\]]*)\]/g, (_, inside: string) => {
      const [, flag, value] = /^(--?[\w-]+)[ =](\S+)/.exec(inside) ?? [];
      if (flag !== undefined && value !== undefined) found.push({ flag, value, isRequired: false });
      return ' ';
    })
    // By hand it is `<input folder>`.
    .replace(/<([^<>]*)>/g, (_, inside: string) => inside.trim().replaceAll(/\s+/g, '_'));
  for (const [, flag, flagValue, place] of rest.matchAll(
    /(--?[\w-]+)[ =]([^\s-]\S*)|(?<=\s)([A-Za-z_][\w-]*)/g,
  )) {
    if (flag !== undefined && flagValue !== undefined)
      found.push({ flag, value: flagValue, isRequired: true });
    else if (place !== undefined) found.push({ value: place, isRequired: true });
  }
  return found;
}
