import { parseArgsStringToArgv } from 'string-argv';
import type { RunOptions } from '../options.ts';

/** Takes secrets out of whatever is written or shown. */
export interface Redactor {
  text(text: string): string;
  /** A copy of plain data (options, arguments) without the secrets in it. */
  options<T>(options: T): T;
}

const REDACTED = '[redacted]';
/** `AUTHOR`, `TOKENIZER` and `KEYBOARD` are no secrets; `AUTHORIZATION` is one. */
const SECRET_NAME = /KEY(?!BOARD)|TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|PASSPHRASE|AUTH(?!OR(?!I))|CREDENTIAL/i;
const SECRET_FLAG = /^--?[A-Za-z]/;
/** Shorter values (`1`, `false`) would blot out half of a text. */
const SHORTEST_SECRET = 6;
const LONGEST_VALUE = 1024;

const LOGIN_IN_URL = new RegExp(`://[^\\s/@:]{1,256}:[^\\s/]{1,${LONGEST_VALUE}}@`, 'g');
const KEY_IN_URL = new RegExp(
  `([?&][\\w-]{0,40}(?:key|token|secret|password|auth)=)[^&\\s"']{1,${LONGEST_VALUE}}`,
  'gi',
);
const FLAG_IN_TEXT = /(^|\s)(--?[A-Za-z][\w-]*)(=|\s+)("[^"]*"|'[^']*'|[^\s-]\S*)/g;

/** Knows the secrets in an environment and in a command line's arguments, by the names they go by. */
export function redactor(env: NodeJS.ProcessEnv, args: readonly string[] = []): Redactor {
  const pattern = anyOf(secretsIn(env, args));
  const text = (from: string): string => {
    let clean = pattern ? from.replace(pattern, REDACTED) : from;
    if (clean.includes('://')) {
      clean = clean.replace(LOGIN_IN_URL, `://${REDACTED}@`).replace(KEY_IN_URL, `$1${REDACTED}`);
    }
    return clean;
  };
  return { text, options: <T>(from: T) => cleanCopy(from, text) as T };
}

/** The redactor of a run: it also knows the secrets among its translator's arguments, `--command` included. */
export const redactorFor = (
  { translatorArgs, command = '' }: Pick<RunOptions, 'translatorArgs' | 'command'>,
  env: NodeJS.ProcessEnv,
): Redactor => redactor(env, [...translatorArgs, ...parseArgsStringToArgv(command)]);

function secretsIn(env: NodeJS.ProcessEnv, args: readonly string[]): Set<string> {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value && SECRET_NAME.test(name) ? [value] : [],
  );
  for (const { value } of flaggedIn(args)) values.push(value);
  // `env API_KEY=… program`
  for (const word of args) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    if (SECRET_NAME.test(name)) values.push(value);
  }
  // Text is looked through line by line, and keys in PEM have many.
  const lines = values.flatMap((value) => [value, ...(value.includes('\n') ? value.split(/\r?\n/) : [])]);
  return new Set(lines.filter((value) => value.trim().length >= SHORTEST_SECRET));
}

/** The values that stand after a flag with a secret's name, or with it behind `=`. */
function flaggedIn(args: readonly string[]): { index: number; value: string; flag?: string }[] {
  return args.flatMap((arg, index) => {
    const joined = /^(--?[A-Za-z][\w-]*)=(.+)$/s.exec(arg);
    if (joined?.[1] && joined[2])
      return isSecretFlag(joined[1]) ? [{ index, value: joined[2], flag: joined[1] }] : [];
    const before = args[index - 1];
    return before !== undefined && isSecretFlag(before) && !SECRET_FLAG.test(arg)
      ? [{ index, value: arg }]
      : [];
  });
}

const isSecretFlag = (arg: string): boolean =>
  SECRET_FLAG.test(arg) && !arg.includes('=') && SECRET_NAME.test(arg);

function anyOf(secrets: Set<string>): RegExp | undefined {
  if (secrets.size === 0) return undefined;
  // Longest first: a secret that begins with another one must go whole.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return new RegExp(
    longestFirst.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'g',
  );
}

function cleanCopy(value: unknown, text: (from: string) => string, name = ''): unknown {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? REDACTED : text(withoutFlagged(value));
  if (Array.isArray(value)) {
    const flagged = new Map(
      flaggedIn(value.map((item) => (typeof item === 'string' ? item : ''))).map((found) => [
        found.index,
        found,
      ]),
    );
    return value.map((item: unknown, index) => {
      const found = flagged.get(index);
      if (found) return found.flag ? `${found.flag}=${REDACTED}` : REDACTED;
      return cleanCopy(item, text, name);
    });
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cleanCopy(part, text, key)]));
}

/** A command template is one string: `translate --api-key abc {input}`. */
const withoutFlagged = (command: string): string =>
  command.includes('-')
    ? command.replace(FLAG_IN_TEXT, (all, gap: string, flag: string, between: string) =>
        isSecretFlag(flag) ? `${gap}${flag}${between}${REDACTED}` : all,
      )
    : command;
