import * as z from 'zod';

/** Groups of `--help`, in its order. */
export const HEADINGS = [
  'Pages',
  'Output',
  'GPUs and workers',
  'Ray cluster',
  'Slow input',
  'Translator',
  'Failures and limits',
  'Reporting',
  'Configuration',
] as const;
type Heading = (typeof HEADINGS)[number];

/** One option: its key in the table gives its flag (`--page-timeout`), variable and config key (`pageTimeout`). */
export interface OptionSpec {
  readonly heading: Heading;
  /** One line for `--help`, the schema and completion. */
  readonly about: string;
  /** Reads what was given, a text (flag, variable) or a value of the config file, with one clear complaint. */
  readonly type: z.ZodType;
  readonly short?: string;
  /** Name of the flag's value in `--help`; missing: a switch. */
  readonly value?: string;
  /** The flag may be repeated, and a variable holds a list parted by commas. */
  readonly many?: true;
  /** What holds when nothing is given, as a user would give it. */
  readonly fallback?: unknown;
  /** What holds when nothing is given, in words, where no one value says it. */
  readonly fallbackText?: string;
  /** Values for completion, where the type is no choice that lists them itself. */
  readonly choices?: readonly string[];
  /** The value is a path, or may be one: then it is relative to the config file that names it. */
  readonly holds?: 'path' | 'program' | 'translator';
  /** The value may hold a key or token. */
  readonly secret?: true;
  /** Stands on the command line without a flag. */
  readonly positional?: true;
  /** Has no flag and no variable. */
  readonly configOnly?: true;
  /** Has no variable and no place in the config file. */
  readonly flagOnly?: true;
}

/** Options that stand together in `--help`. */
export const under = <const H extends Heading, const T extends Record<string, Omit<OptionSpec, 'heading'>>>(
  heading: H,
  options: T,
): { [K in keyof T]: T[K] & { readonly heading: H } } =>
  Object.fromEntries(Object.entries(options).map(([key, option]) => [key, { ...option, heading }])) as {
    [K in keyof T]: T[K] & { readonly heading: H };
  };

const parted = (key: string, by: string): string => key.replace(/[A-Z]/g, (letter) => `${by}${letter}`);

/** `--page-timeout`; undefined for what has no flag. */
export const flagOf = (key: string, spec: OptionSpec): string | undefined =>
  spec.positional || spec.configOnly ? undefined : `--${parted(key, '-').toLowerCase()}`;

/** `MGPU_PAGE_TIMEOUT`; undefined for what has no variable. */
export const variableOf = (key: string, spec: OptionSpec): string | undefined =>
  spec.configOnly || spec.flagOnly ? undefined : `MGPU_${parted(key, '_').toUpperCase()}`;

/** Values that completion offers. */
export const choicesOf = (spec: OptionSpec): readonly string[] =>
  spec.choices ?? (spec.type instanceof z.ZodEnum ? spec.type.options.map(String) : []);

/**
 * A value as its option spells it, where it is one of the option's words in another case (`AUTO` is `auto`), or one that the option
 * takes only in small letters (`AUTO/4`, `90S`). Never of a path.
 */
export function spelledAs(spec: OptionSpec, given: unknown): unknown {
  if (typeof given !== 'string' || spec.holds !== undefined) return given;
  const small = given.toLowerCase();
  if (small === given) return given;
  const { fallback } = spec;
  const words = typeof fallback === 'string' && /^[a-z]+$/.test(fallback) ? [fallback] : [];
  const word = [...choicesOf(spec), ...words].find((word) => word.toLowerCase() === small);
  if (word !== undefined) return word;
  const isTaken = (text: string): boolean => spec.type.safeParse(text).success;
  return !isTaken(given) && isTaken(small) ? small : given;
}

/** The default as `--help` and `--print-config` show it. */
export const defaultText = (spec: OptionSpec): string | undefined =>
  spec.fallbackText ?? (spec.fallback === undefined ? undefined : String(spec.fallback) || 'none');
