import type { Part } from '../../model/part.ts';
import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { type LockFile, type LockJudgement, type LockState, STALE_AFTER_MS } from './lock-file.ts';

/** The refusal of a run that finds the output locked: who holds it, and what to do. */
export function heldBy(lock: LockFile & LockJudgement, part: Part | undefined, nowMs: number): Refusal {
  const { holder, path } = lock;
  const what = holder?.part ? `part ${holder.part.index}/${holder.part.of} of another run` : 'another run';
  const who = holder
    ? `${what}: process ${holder.pid} on ${printable(holder.host)}, since ${holder.since}`
    : `an unknown process (${path})`;
  const rules =
    holder && (part === undefined) !== (holder.part === undefined)
      ? ' A whole run and a part exclude each other.'
      : part && holder?.part && holder.part.of !== part.of
        ? ' All parts must have the same N in --part i/N.'
        : '';
  return cannotRun(
    `the output is in use by ${who}`,
    `wait for it to end, stop it, or choose another --output.${rules} ${outlook(lock, nowMs)}`,
  );
}

/** What is known of the holder, and so what to wait for. */
function outlook({ process, holder, mtimeMs, path }: LockFile & LockJudgement, nowMs: number): string {
  if (process === 'running') return 'It is running.';
  if (process === 'stopped')
    return `It is stopped: kill -CONT ${holder?.pid} continues it, kill -KILL ${holder?.pid} ends it.`;
  const leftSeconds = Math.max(1, Math.ceil((STALE_AFTER_MS - (nowMs - mtimeMs)) / 1000));
  // Its disk's clock went back: nobody wants to wait for it to catch up.
  if (leftSeconds * 1000 > STALE_AFTER_MS) return `If it no longer exists, remove ${path}.`;
  return `If it no longer exists, run the same command again in ${leftSeconds} s.`;
}

/** The refusal of a run that can't come to judge the locks, because another one does not finish with that. */
export function gateHeld({ holder, path }: LockFile): Refusal {
  const who = holder ? `process ${holder.pid} on ${printable(holder.host)}` : 'an unknown process';
  return cannotRun(
    `the output is being locked by ${who}, which does not finish`,
    `end that process; if it no longer exists: rm ${path}`,
  );
}

/** The notice of a lock that was taken over. */
export function takenOver({ holder, mtimeMs }: LockFile, state: LockState, nowMs: number): string {
  const whose = holder ? `of process ${holder.pid} on ${printable(holder.host)}` : 'of an unknown process';
  const why =
    state === 'gone'
      ? 'that process is gone'
      : `it has had no heartbeat for ${Math.round((nowMs - mtimeMs) / 1000)} s`;
  return `Took over the lock ${whose}: ${why}.`;
}

/** The lock is a file that anybody may have written. */
const printable = (host: string): string => JSON.stringify(host).slice(1, -1).slice(0, 100);
