import { stripVTControlCharacters } from 'node:util';
import { parseArgsStringToArgv } from 'string-argv';
import { isNestedWithin, parsedJson } from './parsed-json.ts';
import { Refusal } from './refusal.ts';
import { isFlag, isLoginFlag, isSecretFlag, isSecretName, REDACTED } from './secret-names.ts';
import { secretsInWord, withoutShapes, withoutShapesInWord } from './secret-shapes.ts';

/** Takes secrets out of whatever is written or shown: before it is cut, as half a secret is known to nobody. */
export interface Redactor {
  text(text: string): string;
  /** A copy of plain data (options, arguments) without the secrets in it. */
  options<T>(options: T): T;
  /** The error without the secrets in its words. */
  error(error: unknown): unknown;
}

/** What may hold secrets besides an environment. */
interface SecretPlaces {
  readonly args?: readonly string[];
  /** Command lines in one word each. */
  readonly templates?: readonly string[];
  /** Secrets as they are. */
  readonly values?: readonly string[];
}

/** Shorter values (`1`, `false`) would blot out half of a text. */
const SHORTEST_SECRET = 6;
/** Longer ones are hardly ever in a text, and each is looked for by itself. */
const LONGEST_IN_PATTERN = 1000;
/** Characters of secrets in one regular expression. */
const LARGEST_PATTERN = 4000;
const FLAG_IN_TEMPLATE = /(^|\s)(--?[A-Za-z][\w-]*)(=|\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/g;

/** Knows secrets by the names that they go by in an environment and in arguments, by their shapes, and those it is told. */
export function redactor(
  env: NodeJS.ProcessEnv,
  { args = [], templates = [], values = [] }: SecretPlaces = {},
): Redactor {
  const words = [...args, ...templates.flatMap(wordsOf)];
  const withoutKnown = withoutAny([...namedIn(env), ...secretsIn(words), ...values]);
  const text = (from: string): string => {
    // Colours may stand within a secret, and between its name and it.
    const plain = from.includes('\u001b') || from.includes('\u009b') ? stripVTControlCharacters(from) : from;
    const clean = withoutShapes(withoutKnown(plain));
    return clean === plain ? from : clean;
  };
  const word = (from: string): string => withoutShapesInWord(withoutKnown(withoutFlagged(from)));
  return {
    text,
    options: <T>(from: T) => cleanCopy(from, word) as T,
    error: (error) => cleanError(error, text),
  };
}

/** A template may be no command line at all: then it is one word. */
function wordsOf(template: string): string[] {
  try {
    return parseArgsStringToArgv(template);
  } catch {
    return [template];
  }
}

const namedIn = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).flatMap(([name, value]) => (value && isSecretName(name) ? [value] : []));

function secretsIn(args: readonly string[]): string[] {
  const values = flaggedIn(args).map(({ value }) => value);
  for (const word of args) {
    // `env API_KEY=… program`: all that follows, spaces and commas too.
    const [, name = '', value = ''] = /^(\w{1,64})=(.*)$/s.exec(word) ?? [];
    if (isSecretName(name)) values.push(value);
    values.push(...secretsInWord(word), ...secretsInJson(word));
    // A command line in one argument, as `--command` and `sh -c` have it.
    if (/\s--?[A-Za-z]/.test(word)) values.push(...flaggedIn(wordsOf(word)).map((found) => found.value));
  }
  return values;
}

/** No program reads an argument that is deeper. */
const DEEPEST_JSON = 200;

/** Every text below a secret's name in an argument that is JSON. */
function secretsInJson(word: string): string[] {
  if (!/^\s*[{[]/.test(word)) return [];
  const found: string[] = [];
  const look = (value: unknown, isSecret: boolean): void => {
    if (typeof value === 'string' && isSecret) found.push(value);
    if (value === null || typeof value !== 'object') return;
    for (const [name, part] of Object.entries(value)) look(part, isSecret || isSecretName(name));
  };
  const document = parsedJson(word);
  if (isNestedWithin(document, DEEPEST_JSON)) look(document, false);
  return found;
}

interface Flagged {
  readonly index: number;
  readonly value: string;
  /** The argument without it. */
  readonly shown: string;
}

/** The values that stand after a flag with a secret's name, or with it behind `=`. */
function flaggedIn(args: readonly string[]): Flagged[] {
  return args.flatMap((arg, index): Flagged[] => {
    const [, joined = '', behind = ''] = /^(--?[A-Za-z][\w-]*)=(.+)$/s.exec(arg) ?? [];
    if (joined !== '') return inValueOf(joined, behind, { index, before: `${joined}=` });
    const flag = args[index - 1];
    return flag === undefined || isFlag(arg) ? [] : inValueOf(flag, arg, { index, before: '' });
  });
}

function inValueOf(
  flag: string,
  value: string,
  { index, before }: { readonly index: number; readonly before: string },
): Flagged[] {
  if (isSecretFlag(flag)) return [{ index, value, shown: before + REDACTED }];
  const [, user, password] = (isLoginFlag(flag) && /^([^\s:/]+):(?!\/\/|\d+$)(.+)$/s.exec(value)) || [];
  return password === undefined || password === user
    ? []
    : [{ index, value: password, shown: `${before}${user}:${REDACTED}` }];
}

/** Takes these values out of a text: as they are, as JSON has them, and as URLs have them. */
function withoutAny(values: readonly string[]): (from: string) => string {
  // Text is looked through line by line, and keys in PEM have many.
  const lines = values.flatMap((value) => [value, ...(value.includes('\n') ? value.split(/\r?\n/) : [])]);
  const long = lines.filter((value) => value.trim().length >= SHORTEST_SECRET);
  const secrets = new Set(
    long.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), urlForm(value)]),
  );
  // Longest first: a secret that begins with another one must go whole.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  const inPatterns = longestFirst.filter((secret) => secret.length <= LONGEST_IN_PATTERN);
  const alone = longestFirst.slice(0, longestFirst.length - inPatterns.length);
  const patterns = grouped(inPatterns).map(
    (group) =>
      new RegExp(group.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g'),
  );
  return (from) => {
    let clean = from;
    for (const secret of alone) if (clean.length >= secret.length) clean = clean.replaceAll(secret, REDACTED);
    for (const pattern of patterns) clean = clean.replace(pattern, REDACTED);
    return clean;
  };
}

/** In the same order, groups that are each small enough for one regular expression: an engine refuses large ones. */
function grouped(secrets: readonly string[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const secret of secrets) {
    if (groups.length === 0 || room < secret.length) {
      groups.push([]);
      room = LARGEST_PATTERN;
    }
    groups.at(-1)?.push(secret);
    room -= secret.length;
  }
  return groups;
}

/** As it stands in a URL; as it is where it can't stand there. */
const urlForm = (value: string): string => (/\p{Surrogate}/u.test(value) ? value : encodeURIComponent(value));

function cleanCopy(value: unknown, word: (from: string) => string, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) ? REDACTED : word(value);
  if (Array.isArray(value)) {
    const flagged = new Map(
      flaggedIn(value.map((item) => (typeof item === 'string' ? item : ''))).map((found) => [
        found.index,
        found,
      ]),
    );
    return value.map((item: unknown, index) => {
      const found = flagged.get(index);
      return found ? found.shown : cleanCopy(item, word, name);
    });
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cleanCopy(part, word, key)]));
}

/** A command template is one string: `translate --api-key abc {input}`. */
const withoutFlagged = (command: string): string =>
  command.includes('-')
    ? command.replace(FLAG_IN_TEMPLATE, (all, gap: string, flag: string, between: string) =>
        isSecretFlag(flag) ? `${gap}${flag}${between}${REDACTED}` : all,
      )
    : command;

function cleanError(error: unknown, text: (from: string) => string): unknown {
  if (error instanceof Refusal) return error.withWords(text);
  if (!(error instanceof Error)) return typeof error === 'string' ? text(error) : error;
  const { message, stack } = error;
  error.message = text(message);
  if (stack !== undefined) error.stack = text(stack);
  return error;
}
