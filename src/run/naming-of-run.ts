import { steadyTime } from '../model/steady-clock.ts';
import { type OutputPattern, OWN_NAMES, parseOutputPattern, patternText } from '../pages/output-pattern.ts';
import type { Ledgers, LedgerWriter } from '../store/ledger/ledger.ts';
import { OutputNaming } from '../workers/output-naming.ts';
import type { ResolvedRun } from './resolve-run.ts';

/** What says how outputs of a run are named before its first child. */
type Known = Pick<ResolvedRun, 'translator' | 'optionsHash'>;

/** How outputs are named, from the options and what earlier runs noted; what is learned goes into the ledger. */
export function namingOfRun(
  { translator, optionsHash }: Known,
  ledgers: Ledgers,
  ledger: Pick<LedgerWriter, 'append'>,
): OutputNaming {
  return new OutputNaming({
    given: translator.kind === 'one-shot' ? translator.outputPattern : OWN_NAMES,
    noted: notedPattern(ledgers, optionsHash),
    hasMade: hasMade(ledgers, optionsHash),
    note: (pattern) =>
      ledger.append({
        type: 'output-name',
        time: steadyTime(),
        options: optionsHash,
        name: patternText(pattern),
      }),
  });
}

/** As an earlier run with these options noted it. */
export function notedPattern({ outputNames }: Ledgers, optionsHash: string): OutputPattern | undefined {
  const pattern = parseOutputPattern(outputNames.get(optionsHash)?.name ?? '');
  return typeof pattern === 'string' ? undefined : pattern;
}

/** True where a translator's outputs are on record that were made with these options. */
function hasMade({ pages }: Ledgers, optionsHash: string): boolean {
  for (const { options, output, adopted } of pages.values()) {
    if (options === optionsHash && output !== null && !adopted) return true;
  }
  return false;
}
