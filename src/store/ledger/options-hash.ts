import { createHash } from 'node:crypto';

/** The options that decide what a page looks like in the end; all others may change from run to run. */
interface ShapingOptions {
  /** The adapter's name, or the path of a script or worker. */
  readonly translator: string;
  readonly script?: string;
  readonly command?: string;
  readonly format?: string;
  readonly args?: readonly string[];
}

/** The options that shape the result as the ledger keeps them: what isn't set is left out. Redact them before. */
export function optionsThatShape(options: ShapingOptions): Readonly<Record<string, unknown>> {
  const { translator, script, command, format, args = [] } = options;
  return {
    translator,
    ...(script !== undefined && { script }),
    ...(command !== undefined && { command }),
    ...(format !== undefined && { format }),
    ...(args.length > 0 && { args: [...args] }),
  };
}

/** 16 hex digits that are the same for the same options, in whatever order their keys stand. */
export const optionsHash = (options: Readonly<Record<string, unknown>>): string =>
  createHash('sha256').update(canonicalJson(options)).digest('hex').slice(0, 16);

/** True for the options of the demo, which translates nothing: its outputs only show where pages go. */
export const areOfDemo = (options: Readonly<Record<string, unknown>> | undefined): boolean =>
  options?.['translator'] === 'demo';

/** What is different between two sets of options: `args "-l ENG" (now "-l DEU")`. */
export function differenceInWords(
  before: Readonly<Record<string, unknown>> | undefined,
  now: Readonly<Record<string, unknown>>,
): string {
  if (before === undefined) return 'which ones is not on record';
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const different = keys.filter((key) => canonicalJson(before[key]) !== canonicalJson(now[key]));
  return different.map((key) => `${key} ${inWords(before[key])} (now ${inWords(now[key])})`).join(', ');
}

function inWords(value: unknown): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(Array.isArray(value) ? value.join(' ') : value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? '';
