import type { Page, PageId } from '../model/page.ts';
import type { Part } from '../model/part.ts';
import type { Inspector } from '../pages/inspector.ts';
import { OWN_NAMES } from '../pages/output-pattern.ts';
import { notedPattern } from '../run/naming-of-run.ts';
import type { ResolvedRun } from '../run/resolve-run.ts';
import type { Ledgers } from '../store/ledger/ledger.ts';
import { findLocks } from '../store/lock/lock.ts';
import { lookAtProcesses } from '../store/lock/process-identity.ts';
import { findOldWork, lookingOn } from '../store/outputs/old-work.ts';
import { findRecoverable } from '../store/outputs/recover-batches.ts';
import type { Notice } from '../store/resume/resume-notices.ts';

/** Pages that a killed run had made and not recorded: the run begins with gathering them. */
export async function recoverable(
  pages: readonly Page[],
  { folders, optionsHash, translator }: ResolvedRun,
  {
    part,
    inspector,
    ledgers,
  }: { readonly part: Part | undefined; readonly inspector: Inspector; readonly ledgers: Ledgers },
): Promise<ReadonlySet<PageId>> {
  if (!folders.existed || translator.kind !== 'one-shot') return new Set();
  const setup = {
    todo: new Map(pages.map((page) => [page.id, page])),
    optionsHash,
    names: {
      format: translator.format,
      naming: {
        now: translator.outputPattern ?? notedPattern(ledgers, optionsHash) ?? OWN_NAMES,
        isGuess: false,
      },
    },
    leaver: translator,
    inspector,
  };
  const old = await findOldWork(folders, await lookingOn(part));
  const left = await Promise.all(old.map((folder) => findRecoverable(folder, setup)));
  return new Set(left.flat().map(({ page }) => page.id));
}

/** Runs that are going on in this output: the work folder and the ledger are theirs, so the plan may be overtaken. */
export async function lockNotices(state: string): Promise<Notice[]> {
  const locks = await findLocks(state, Date.now(), await lookAtProcesses()).catch(() => []);
  return locks
    .filter((lock) => lock.state === 'held')
    .map(({ holder }) => ({
      level: 'warn',
      text: holder
        ? `A run is using this output: process ${holder.pid} on ${holder.host}, since ${holder.since}.`
        : 'A run is using this output.',
    }));
}
