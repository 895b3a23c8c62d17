import { readdir, stat } from 'node:fs/promises';
import { escapeControls } from '../report/escape.ts';
import { findLocks } from '../run/lock.ts';
import type { RunFolders } from '../run/output-folder.ts';
import { lookAtProcesses } from '../run/process-facts.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';
import type { Patient } from './patient.ts';

const CHECK = 'earlier runs';

/** Locks of runs that are going on or were killed, and what the latter left in the work folder. */
export async function checkEarlierRuns(folders: RunFolders, { quote }: Patient): Promise<Finding[]> {
  const { state, output, work } = folders;
  if (!(await stat(state).catch(() => undefined))) return [];
  const locks = await findLocks(state, Date.now(), await lookAtProcesses());
  const findings = locks.map(({ state: lockState, holder, path }): Finding => {
    const who = holder
      ? `process ${holder.pid} on ${escapeControls(holder.host)}, since ${holder.since}`
      : 'nobody known';
    if (lockState !== 'held')
      return warning(CHECK, `a stale lock of ${who}: the next run takes it over`, `rm ${quote([path])}`);
    const text = `${output} is in use by ${who}`;
    const mend = `see how far it is: mgpu-translate report ${quote([output])}`;
    // The other parts of a job go on beside it.
    return holder?.part ? warning(CHECK, text, mend) : trouble(CHECK, text, mend);
  });
  const left = await readdir(work).catch(() => []);
  if (left.length > 0 && locks.every((lock) => lock.state !== 'held')) {
    findings.push(
      warning(
        CHECK,
        `a run that was killed left work in ${work}: the next one records what is whole in it, and removes it`,
        `run it again, or: rm -r ${quote([work])}`,
      ),
    );
  }
  return findings.length > 0 ? findings : [fine(CHECK, 'no lock, nothing left over')];
}
