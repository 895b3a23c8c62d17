import { type Refusal, usageError } from '../model/refusal.ts';

/** Where an option's value was given. `path` names the place in the config file: `include[1]`. */
export type ValueSource =
  | { readonly by: 'flag'; readonly flag: string }
  | { readonly by: 'variable'; readonly variable: string }
  | { readonly by: 'config'; readonly file: string; readonly path: string }
  | { readonly by: 'default' };

const LONGEST_SHOWN = 80;

/** A given value as an error shows it: on one line, control characters escaped, cut where it is long. */
export function shown(given: unknown): string {
  const text = typeof given === 'string' && /^[^\s"'\p{C}]+$/u.test(given) ? given : inJson(given);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

const inJson = (given: unknown): string =>
  (JSON.stringify(given) ?? String(given)).replace(
    /\p{C}/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

/**
 * Wrong usage, worded by where the value came from: `--page-timeout 5: …`, `MGPU_PAGE_TIMEOUT=5: …`,
 * `FILE: pageTimeout is 5: …`. A secret's value is not shown.
 */
export function badValue(
  source: ValueSource,
  { given, problem, secret = false }: { given: unknown; problem: string; secret?: boolean },
): Refusal {
  const value = secret ? '…' : shown(given);
  switch (source.by) {
    case 'flag':
      return usageError(`${source.flag} ${value}: ${problem}`);
    case 'variable':
      return usageError(`${source.variable}=${value}: ${problem}`);
    case 'config':
      return usageError(`${source.file}: ${source.path} is ${value}: ${problem}`);
    case 'default':
      throw new TypeError(`the default ${value} is not valid: ${problem}`);
  }
}
