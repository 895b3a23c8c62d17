import type { Complaint } from '../translator.ts';
import { countByPlace } from './by-place.ts';
import { isUsageError } from './usage-error.ts';
import { commandOption, FOLDERS, formFor, ONE_PAGE, type Places } from './usage-form.ts';

/** argparse: `unrecognized arguments: --output`; click: `No such option: --output`; others say unknown or invalid. */
const REFUSED =
  /(?:unrecogni[sz]ed|unknown|unexpected|invalid|no such)\s+(?:arguments?|options?|flags?|parameters?)\b(.*)/i;
/** argparse and click, in this order. */
const REQUIRED =
  /the following arguments are required: (.+)|missing (?:argument|option|parameter):? ['"]?([\w-]+)/i;
const AMBIGUOUS = /ambiguous option: (--?[\w-]+)\S* could match (--?[\w-]+)/i;
const EXISTS = /\b(?:FileExistsError|EEXIST)\b|file exists/i;
/** What Python says of a `sys.argv` that is too short, or too long to be unpacked. */
const ARGV_SHORT =
  /IndexError: list index out of range|ValueError: (?:not enough|too many) values to unpack|AssertionError/;
const MISSING = /no such file or directory|\bENOENT\b|filenotfounderror/i;

/** How a script was started that ended without an output. */
interface Started {
  readonly name: string;
  /** Of its template. */
  readonly words: readonly string[];
  /** What the user gave after `--`. */
  readonly args: readonly string[];
  /** Where its outputs were to go, absolute. */
  readonly output: string;
  /** The script, where it is a Python file. */
  readonly script: string | undefined;
  /** Of the script, where it is a Python file that can be read. */
  readonly source?: string | undefined;
}

/** Options of the command line that a program's lines say it does not have. */
export const refusedOptions = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const [said = ''] = REFUSED.exec(line)?.[1]?.split(/did you mean|\(/i) ?? [];
    return Array.from(said.matchAll(/(?<![^\s'"`:,=])--?[a-z][\w-]*/gi), ([option]) => option);
  });

const tellsOfArguments = (line: string): boolean =>
  [REFUSED, REQUIRED, AMBIGUOUS].some((pattern) => pattern.test(line));

/** What a script's last lines complain of and what to type or change; undefined where they don't say. */
export function complaintOf(lines: readonly string[], started: Started): Complaint | undefined {
  const ofArguments = complaintOfArguments(lines, started);
  const isOfArguments = isUsageError(lines, started, tellsOfArguments);
  if (ofArguments !== undefined) return { text: ofArguments, ...(isOfArguments && { isOfArguments }) };
  const text = complaintOfUse(lines, started);
  return text === undefined ? undefined : { text };
}

/** What it says itself of the arguments that it is given: it would say so to any pages. */
function complaintOfArguments(
  lines: readonly string[],
  { name, words, args }: Pick<Started, 'name' | 'words' | 'args'>,
): string | undefined {
  const refused = refusedOptions(lines);
  const theirs = refused.find((option) => args.some((arg) => arg.split('=')[0] === option));
  if (theirs !== undefined) return `${name} does not take ${theirs}, which is after --: leave it out`;
  const ours = refused.filter((option) => words.includes(option));
  if (ours.length > 0) return `${name} does not take ${ours.join(' and ')}: ${startIt(words, lines)}`;
  const required = lines.map((line) => REQUIRED.exec(line)).findLast((found) => found !== null);
  if (required) {
    const names = (required[1] ?? required[2] ?? '').split(/[,/]\s*/).map((word) => word.trim());
    return `${name} needs ${names.join(', ')}: ${startIt(words, lines, names)}`;
  }
  const [, option, meant] =
    lines.map((line) => AMBIGUOUS.exec(line)).findLast((found) => found !== null) ?? [];
  if (option !== undefined && meant !== undefined && words.includes(option)) {
    const instead = words.map((word) => (word === option ? meant : word));
    return `${name} has no ${option}, but options that begin so; if ${meant} is meant: --command '${instead.join(' ')}'`;
  }
  return undefined;
}

/** What its lines, or its source, say of how it is meant to be used. */
function complaintOfUse(
  lines: readonly string[],
  { name, words, output, script, source = '', args }: Started,
): string | undefined {
  // A script that reads sys.argv takes the flag for its folder.
  const isTaken = (word: string): boolean =>
    word.startsWith('-') && lines.some((line) => MISSING.test(line) && line.includes(`'${word}'`));
  const isOfArgv = lines.some((line) => /\bsys\.argv\b/.test(line)) && ARGV_SHORT.test(lines.join('\n'));
  if (words.some(isTaken) || isOfArgv)
    return `${name} takes its folders by their place: ${startIt(words, lines)}`;
  if (script !== undefined && lines.some((line) => /No module named '?mgpu_worker\b/.test(line)))
    return `${name} is a warm worker: write --translator worker:${script}`;
  const ofFolders = complaintOfFolders(lines, { name, words, output });
  if (ofFolders !== undefined) return ofFolders;
  if (lines.some((line) => /^\s*usage:\s/i.test(line) && line.includes(name)))
    return `${name} only said how it is started: ${startIt(words, lines)}`;
  return complaintOfPlaces(source, { name, words, args });
}

function startIt(words: readonly string[], lines: readonly string[], required?: readonly string[]): string {
  const program = words.slice(0, firstFolder(words));
  return `start it in its own form: ${formFor(program, lines, { required, places: placesIn(words) })}`;
}

/** That it is given options, or fewer arguments than it takes, by a source that reads them by their place. */
function complaintOfPlaces(
  source: string,
  { name, words, args }: Pick<Started, 'name' | 'words' | 'args'>,
): string | undefined {
  const count = countByPlace(source);
  if (count === undefined) return undefined;
  const first = firstFolder(words);
  const given = [...words.slice(first), ...args];
  const unknown = given.filter((word, at) => isOptionOfFolder(word, given[at + 1]) && !source.includes(word));
  const { input, output } = placesIn(words);
  const form = commandOption([...words.slice(0, first), input, ...(count > 1 ? [output] : [])]);
  if (unknown.length > 0)
    return `${name} seems to take its folders by their place, and not by ${unknown.join(' and ')}: start it in its own form: ${form}`;
  const isShort = given.length < count && count === 2 && given.every((word) => !word.startsWith('-'));
  return isShort ? `${name} seems to take ${count} arguments, and gets ${given.length}: ${form}` : undefined;
}

const isOptionOfFolder = (word: string, next: string | undefined): boolean =>
  word.startsWith('-') && next !== undefined && /^\{\w+\}/.test(next);

/** That its output folder is there, or that folders in it are not. */
function complaintOfFolders(
  lines: readonly string[],
  { name, words, output }: Pick<Started, 'name' | 'words' | 'output'>,
): string | undefined {
  const paths = (line: string): string[] =>
    Array.from(line.matchAll(/['"`](\/[^'"`]*)['"`]/g), ([, path = '']) => path);
  const isOutput = (path: string): boolean => path.replace(/\/+$/, '') === output;
  if (lines.some((line) => EXISTS.test(line) && paths(line).some(isOutput))) {
    const instead = words.map((word) => word.replace('{output}', '{input}-translated')).join(' ');
    const or = words.some((word) => word.includes('{output}')) ? `, or --command '${instead}'` : '';
    return `${name} makes its output folder itself, and it exists already: os.makedirs(…, exist_ok=True) in the script${or}`;
  }
  const isInOutput = (path: string): boolean => path.startsWith(`${output}/`);
  if (lines.some((line) => MISSING.test(line) && paths(line).some(isInOutput)))
    return `${name} saves into a folder that it has not made: os.makedirs(os.path.dirname(path), exist_ok=True) before it saves a page`;
  return undefined;
}

/** What its template has for what it reads and what it writes: folders, or one page. */
const placesIn = (words: readonly string[]): Places =>
  words.some((word) => /\{page(?:Output)?\}/.test(word)) ? ONE_PAGE : FOLDERS;

/** Where its program ends: at the first word that stands for what it reads or writes, or the option before it. */
function firstFolder(words: readonly string[]): number {
  const at = words.findIndex((word) => /\{(?:input|output|page|pageOutput)\}/.test(word));
  const end = at === -1 ? words.length : at;
  return words[end - 1]?.startsWith('-') ? end - 1 : end;
}
