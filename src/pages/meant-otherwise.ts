import { shellQuote } from '../model/shell-quote.ts';
import { hasImageSuffix } from './image-format.ts';
import { isArchiveName } from './sources/archive-directory.ts';

/** Nobody means a folder for outputs by the last of many names: a shell made them of a glob. */
const MOST_INPUTS = 8;

/** What to type where the last of several inputs is the folder for outputs, in words; undefined for one input, or many. */
export function outputAmong(inputs: readonly string[]): string | undefined {
  const last = inputs.at(-1);
  if (last === undefined || inputs.length < 2 || inputs.length > MOST_INPUTS) return undefined;
  if (isArchiveName(last) || hasImageSuffix(last)) return undefined;
  const line = shellQuote(['mgpu-translate', 'run', ...inputs.slice(0, -1), '-o', last]);
  return `If ${last} is where translated pages go: ${line}`;
}

/** What to type where an input is the script that is to translate, in words; undefined where none is. */
export function scriptAmong(inputs: readonly string[]): string | undefined {
  const script = inputs.find((name) => /\.(?:py|sh)$/.test(name));
  if (script === undefined) return undefined;
  const others = inputs.filter((name) => name !== script);
  const pages = others.length === 0 || others.length > MOST_INPUTS ? ['./input'] : others;
  const translator = script.endsWith('.py') ? ['-t', script] : ['--command', `${script} {input} {output}`];
  return `${script} is a program, no page: ${shellQuote(['mgpu-translate', 'run', ...pages, ...translator])}`;
}
