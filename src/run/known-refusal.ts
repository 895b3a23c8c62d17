import { stat } from 'node:fs/promises';
import { steadyTime } from '../model/steady-clock.ts';
import type { Ledgers, LedgerWriter } from '../store/ledger/ledger.ts';
import type { OneShotTranslator } from '../translators/translator.ts';

/** What earlier runs learned of an argument of ours that a script refuses. */
export interface KnownRefusal {
  /** The translator to begin with: without the argument, where this very script has refused it before. */
  beginWith(translator: OneShotTranslator): Promise<OneShotTranslator>;
  /** The script has refused it: later runs are to know. */
  note(translator: OneShotTranslator): Promise<void>;
}

/** What the ledgers know of refusals with these options; what is learned goes into the run's own. */
export function knownRefusal(
  optionsHash: string,
  { refusals }: Pick<Ledgers, 'refusals'>,
  ledger: Pick<LedgerWriter, 'append'>,
): KnownRefusal {
  return {
    async beginWith(translator) {
      const known = refusals.get(optionsHash)?.script;
      const now = known && (await stampOf(translator));
      const isSame = now !== undefined && now.bytes === known?.bytes && now.mtimeMs === known.mtimeMs;
      return (isSame ? translator.withoutArgument?.() : undefined) ?? translator;
    },
    async note(translator) {
      const script = await stampOf(translator);
      if (script)
        await ledger.append({ type: 'refused-argument', time: steadyTime(), options: optionsHash, script });
    },
  };
}

async function stampOf({
  script,
}: OneShotTranslator): Promise<{ readonly bytes: number; readonly mtimeMs: number } | undefined> {
  const stats = script === undefined ? undefined : await stat(script).catch(() => undefined);
  return stats && { bytes: stats.size, mtimeMs: stats.mtimeMs };
}
