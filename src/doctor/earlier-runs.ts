import { stat } from 'node:fs/promises';
import { escapeControls } from '../model/escape-controls.ts';
import { Refusal } from '../model/refusal.ts';
import { type FoundLock, findLocks } from '../store/lock/lock.ts';
import { lookAtProcesses } from '../store/lock/process-identity.ts';
import { findOldWork, lookingOn } from '../store/outputs/old-work.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';

const CHECK = 'earlier runs';

/** Locks of runs that are going on or were killed, and what the latter left in the work folder. */
export async function checkEarlierRuns(
  folders: RunFolders,
  { options, quote }: DoctorContext,
): Promise<Finding[]> {
  const { state, output } = folders;
  if (!(await stat(state).catch(() => undefined))) return [];
  let locks: FoundLock[];
  try {
    locks = await findLocks(state, Date.now(), await lookAtProcesses());
  } catch (error) {
    if (error instanceof Refusal) return [trouble(CHECK, error.message, error.hint)];
    throw error;
  }
  const findings = locks.map(({ state: lockState, process, holder, path }): Finding => {
    const who = holder
      ? `process ${holder.pid} on ${escapeControls(holder.host)}, since ${holder.since}`
      : 'an unknown process';
    if (lockState !== 'held')
      return warning(CHECK, `a stale lock of ${who}: the next run takes it over`, `rm ${quote([path])}`);
    const text = `${output} is in use by ${who}${process === 'stopped' ? ', which is stopped' : ''}`;
    const mend = `see its progress: mgpu-translate report ${quote([output])}`;
    // The other parts of a job run at the same time.
    return holder?.part ? warning(CHECK, text, mend) : trouble(CHECK, text, mend);
  });
  const left = await findOldWork(folders, await lookingOn(options.part));
  if (left.length > 0 && locks.every((lock) => lock.state !== 'held')) {
    findings.push(
      warning(
        CHECK,
        `an earlier run left work in ${left.join(', ')}: the next run records what is complete there, and removes it`,
        'run the same command again: finished pages may be in there',
      ),
    );
  }
  return findings.length > 0 ? findings : [fine(CHECK, 'no lock, no work left behind')];
}
