import path from 'node:path';
import { recipeOf } from '../translators/recipes/recipes.ts';
import type { ValueSource } from './bad-value.ts';
import type { ConfigFile } from './config-file.ts';
import { flagOf, type OptionSpec, variableOf } from './option-spec.ts';
import { RUN_OPTIONS } from './option-table.ts';

export type Environment = Readonly<NodeJS.ProcessEnv>;

/** What stood on the command line, not read yet. */
export interface GivenArguments {
  readonly inputs: readonly string[];
  /** By key of the options' table: texts as they stood, a list where a flag may be repeated, true for a switch. */
  readonly flags: GivenFlags;
  /** Everything after `--`; missing where there was none. */
  readonly translatorArgs?: readonly string[] | undefined;
}

/** Flags by their keys. Those of which some commands make something of their own are named. */
interface GivenFlags {
  readonly [key: string]: unknown;
  readonly config?: unknown;
  readonly format?: unknown;
  readonly json?: unknown;
}

/** A value as it was given, and where. */
export interface FoundValue {
  readonly given: unknown;
  readonly source: ValueSource;
}

/** What was given, by key of the options' table. */
export interface FoundValues {
  [key: string]: FoundValue | undefined;
  input?: FoundValue;
  filesFrom?: FoundValue;
  part?: FoundValue;
  reporter?: FoundValue;
}

const table: Readonly<Record<string, OptionSpec>> = RUN_OPTIONS;

/** What options are looked for in. */
export interface GivenOptions {
  readonly given: GivenArguments;
  readonly env: Environment;
  readonly cwd: string;
  readonly configFile?: ConfigFile | undefined;
  /** What `~` stands for in paths; missing: nothing but itself. */
  readonly home?: string | undefined;
}

/** The value that counts of each option that was given: a flag's before a variable's before the config file's. */
export function findValues({ given, env, cwd, configFile, home }: GivenOptions): FoundValues {
  const inFile = configFile && seenFrom(cwd, configFile, home);
  const found: FoundValues = {};
  for (const [key, spec] of Object.entries(table)) {
    const one =
      onCommandLine(key, spec, { given, home }) ??
      inEnvironment(key, spec, { env, home }) ??
      (configFile && inFile && Object.hasOwn(inFile, key)
        ? { given: inFile[key], source: { by: 'config' as const, file: configFile.file, path: key } }
        : undefined);
    if (one !== undefined) found[key] = one;
  }
  dropOtherInputs(found);
  return found;
}

/** A shell leaves a `~` as it is that is quoted, or stands behind a `=`. */
function onCommandLine(
  key: string,
  spec: OptionSpec,
  { given, home }: Pick<GivenOptions, 'given' | 'home'>,
): FoundValue | undefined {
  const expanded = (value: unknown): unknown => withPaths(spec.holds, value, (one) => withHome(one, home));
  if (key === 'input')
    return given.inputs.length > 0
      ? { given: expanded(given.inputs), source: { by: 'flag', flag: 'input' } }
      : undefined;
  if (key === 'translatorArgs')
    return given.translatorArgs && { given: given.translatorArgs, source: { by: 'flag', flag: '--' } };
  const value = given.flags[key];
  return value === undefined
    ? undefined
    : { given: expanded(value), source: { by: 'flag', flag: flagOf(key, spec) ?? key } };
}

function inEnvironment(
  key: string,
  spec: OptionSpec,
  { env, home }: Pick<GivenOptions, 'env' | 'home'>,
): FoundValue | undefined {
  const variable = variableOf(key, spec);
  const value = variable === undefined ? undefined : env[variable];
  if (variable === undefined || value === undefined || value === '') return undefined;
  const list = spec.many ? splitList(value) : value;
  return {
    given: withPaths(spec.holds, list, (one) => withHome(one, home)),
    source: { by: 'variable', variable },
  };
}

/** Parts a list at its commas; those within braces belong to a glob. */
function splitList(list: string): string[] {
  const parts: string[] = [];
  let end = list.length;
  let isInBraces = false;
  for (let at = list.length - 1; at >= 0; at--) {
    const character = list[at];
    if (character === '}' || character === '{') isInBraces = character === '}';
    if (character !== ',' || isInBraces) continue;
    parts.push(list.slice(at + 1, end));
    end = at;
  }
  parts.push(list.slice(0, end));
  return parts.reverse().filter((one) => one !== '');
}

/** The file's values with the paths among them as they are seen from `cwd`. */
function seenFrom(
  cwd: string,
  { values, folder }: ConfigFile,
  home: string | undefined,
): Readonly<Record<string, unknown>> {
  const way = path.relative(cwd, folder);
  const move = (given: string): string => {
    const one = withHome(given, home);
    return way === '' || path.isAbsolute(one) ? one : path.join(way, one);
  };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, withPaths(table[key]?.holds, value, move)]),
  );
}

/** The value with each path in it changed; `-` is standard input, and a program without a folder is found on PATH. */
function withPaths(holds: OptionSpec['holds'], value: unknown, change: (given: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withPaths(holds, one, change));
  if (typeof value !== 'string') return value;
  if (holds === 'translator') {
    // A folder may be called like a program that is known.
    const [prefix] = /^worker:/.exec(value) ?? (recipeOf(value) && /^[^:]+:/.exec(value)) ?? [];
    if (prefix !== undefined) return `${prefix}${withPaths('path', value.slice(prefix.length), change)}`;
  }
  const isPath = holds === 'path' || (holds !== undefined && (value.includes('/') || value.endsWith('.py')));
  return !isPath || value === '' || value === '-' ? value : change(value);
}

/** A path with `~` in front as a shell would read it; `~name` is left to shells. */
export const withHome = (given: string, home: string | undefined): string =>
  home !== undefined && (given === '~' || given.startsWith('~/')) ? path.join(home, given.slice(1)) : given;

const RANK: Record<ValueSource['by'], number> = { flag: 3, variable: 2, config: 1, default: 0 };

/** Inputs on the command line replace a list of files in the config file, and the other way round. */
function dropOtherInputs(found: FoundValues): void {
  if (found.input === undefined || found.filesFrom === undefined) return;
  const difference = RANK[found.input.source.by] - RANK[found.filesFrom.source.by];
  if (difference > 0) delete found.filesFrom;
  if (difference < 0) delete found.input;
}
