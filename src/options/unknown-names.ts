import { didYouMean } from '../model/nearest.ts';
import { usageError } from '../model/refusal.ts';
import { shown } from './bad-value.ts';
import type { ConfigFile } from './config-file.ts';
import { flagOf, type OptionSpec, variableOf } from './option-spec.ts';
import { RUN_OPTIONS } from './option-table.ts';
import { insteadOf, LONGEST_NAME } from './other-names.ts';

const options: readonly (readonly [string, OptionSpec])[] = Object.entries(RUN_OPTIONS);

/** Keys that a config file may have. */
const CONFIG_KEYS = options.filter(([, spec]) => !spec.flagOnly).map(([key]) => key);

const VARIABLES = options.flatMap(([key, spec]) => variableOf(key, spec) ?? []);

/**
 * Known variables that are no options: the first three are what workers get, which may run this program themselves, and the
 * last is read by the Python package, which starts it.
 */
const OTHER_VARIABLES = ['MGPU_GPU', 'MGPU_SLOT', 'MGPU_WORKER_OF', 'MGPU_CONFIG', 'MGPU_DEBUG', 'MGPU_NODE'];

/** Refuses a config file with a key that is none, with the nearest one. */
export function refuseUnknownKeys({ file, values }: ConfigFile): void {
  const unknown = Object.keys(values).find((key) => key !== '$schema' && !CONFIG_KEYS.includes(key));
  if (unknown === undefined) return;
  // `page-timeout` and `page_timeout` are the likeliest slips.
  const inCamelCase = unknown
    .slice(0, LONGEST_NAME)
    .replace(/^-+/, '')
    .replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
  const other = byOtherName(unknown, (key) => key);
  const nearest = other ?? didYouMean(inCamelCase, CONFIG_KEYS);
  throw usageError(
    `${file}: ${shown(unknown)}: no such option${nearest}`,
    nearest === '' ? `options: ${CONFIG_KEYS.join(', ')}` : undefined,
  );
}

/** A line for each MGPU_* variable that means nothing. Their values are not told. */
export const unknownVariables = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(env)
    .filter(
      (name) => name.startsWith('MGPU_') && !VARIABLES.includes(name) && !OTHER_VARIABLES.includes(name),
    )
    .map((name) => {
      const meant = byOtherName(name.slice('MGPU_'.length), variableOf) ?? didYouMean(name, VARIABLES);
      return `${shown(name)}: no such variable, so it has no effect${meant}`;
    });

/** `; did you mean retries?` for a name that other programs have for an option of ours; undefined for any other. */
function byOtherName(
  name: string,
  nameOf: (key: string, spec: OptionSpec) => string | undefined,
): string | undefined {
  const [flag] = insteadOf(name)?.words ?? [];
  const [key, spec] = options.find(([key, spec]) => flagOf(key, spec) === flag) ?? [];
  const meant =
    flag === undefined || key === undefined || !spec || spec.flagOnly ? undefined : nameOf(key, spec);
  return meant === undefined ? undefined : `; did you mean ${meant}?`;
}
