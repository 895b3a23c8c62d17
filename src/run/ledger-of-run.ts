import path from 'node:path';
import type { RunOptions } from '../model/run-options.ts';
import { steadyTime } from '../model/steady-clock.ts';
import { LedgerWriter, ledgerName } from '../store/ledger/ledger.ts';
import type { ResolvedRun } from './resolve-run.ts';

/** The ledger that a run writes, with its options in it where none knows them. @throws what the file system throws */
export async function openLedger(
  { options, resolved }: { readonly options: RunOptions; readonly resolved: ResolvedRun },
  known: ReadonlyMap<string, unknown>,
): Promise<LedgerWriter> {
  const ledger = await LedgerWriter.open(path.join(resolved.folders.state, ledgerName(options.part)));
  if (!known.has(resolved.optionsHash)) {
    const time = steadyTime();
    await ledger.append({ type: 'options', time, hash: resolved.optionsHash, options: resolved.shaping });
  }
  return ledger;
}
