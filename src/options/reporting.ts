import { usageError } from '../model/refusal.ts';
import type { ReporterName } from '../report/choose.ts';
import type { FoundValue } from './find-values.ts';

/** How a command shows what it does. */
export interface Reporting {
  readonly reporter: ReporterName;
  /** Nothing but errors: no summary either. */
  readonly quiet: boolean;
  /** Show the options and where they came from, and end. */
  readonly printConfig: boolean;
}

/**
 * `--json` and `--quiet` name a reporter themselves, before a variable's or the config file's.
 * @throws Refusal (2) where two flags name different ones
 */
export function reportingOf(
  values: {
    readonly reporter: ReporterName;
    readonly json: boolean | undefined;
    readonly quiet: boolean | undefined;
    readonly printConfig: boolean | undefined;
  },
  reporter: FoundValue | undefined,
): Reporting {
  const named = [
    ...(values.json ? [['--json', 'json'] as const] : []),
    ...(values.quiet ? [['--quiet', 'none'] as const] : []),
    ...(reporter?.source.by === 'flag' ? [[`--reporter ${values.reporter}`, values.reporter] as const] : []),
  ];
  const [first] = named;
  const other = named.find(([, name]) => name !== first?.[1]);
  if (first !== undefined && other !== undefined)
    throw usageError(`${first[0]} and ${other[0]} can't be combined: use one of them`);
  return {
    reporter: first?.[1] ?? values.reporter,
    quiet: values.quiet ?? false,
    printConfig: values.printConfig ?? false,
  };
}
