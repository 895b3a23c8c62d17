import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode } from '../../model/error-code.ts';

/** What tells one process from all others, on any machine and at any time. Null where the system doesn't say. */
export interface ProcessIdentity {
  readonly host: string;
  readonly bootId: string | null;
  readonly pid: number;
  /** A process of another PID namespace (a container) can't be looked up from here. */
  readonly pidNamespace: string | null;
  /** In clock ticks since boot: a later process under the same pid has another one. */
  readonly startTime: number | null;
}

/** The process that asks, and what it can find out about others. */
export interface Processes {
  readonly self: ProcessIdentity;
  /** What is certain about the process. */
  stateOf(process: ProcessIdentity): Promise<ProcessState>;
}

/**
 * `gone`: it has ended. `running`, `stopped` (SIGSTOP, Ctrl-Z): this very process is there. `unknown`: it can't be looked up
 * from here, or what is there under its number may be another one.
 */
export type ProcessState = 'gone' | 'running' | 'stopped' | 'unknown';

/** This process, and a look at others of the same boot and PID namespace. */
export async function lookAtProcesses(): Promise<Processes> {
  const [bootId, pidNamespace, stat] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null),
    readlink('/proc/self/ns/pid').catch(() => null),
    statOf(process.pid),
  ]);
  const self: ProcessIdentity = {
    host: hostname(),
    bootId: bootId?.trim() ?? null,
    pid: process.pid,
    pidNamespace,
    startTime: stat?.startTime ?? null,
  };
  return {
    self,
    stateOf: async (other) => (sharesPids(self, other) ? stateHere(other) : 'unknown'),
  };
}

/** Linux names boot and namespace; on macOS there is one namespace, and a host is known by its name alone. */
function sharesPids(self: ProcessIdentity, other: ProcessIdentity): boolean {
  if (process.platform === 'linux' && (self.bootId === null || self.pidNamespace === null)) return false;
  return self.host === other.host && self.bootId === other.bootId && self.pidNamespace === other.pidNamespace;
}

async function stateHere({ pid, startTime }: ProcessIdentity): Promise<ProcessState> {
  if (!existsNow(pid)) return 'gone';
  const stat = await statOf(pid);
  if (stat === undefined) return 'unknown';
  // A killed process that nobody waits for (a container without init) stays as a zombie, for ever.
  if (stat.state === 'Z' || stat.state === 'X') return 'gone';
  if (startTime === null) return 'unknown';
  if (stat.startTime !== startTime) return 'gone';
  return stat.state === 'T' || stat.state === 't' ? 'stopped' : 'running';
}

/** /proc alone won't do: mounted with hidepid it hides the processes of other users. */
function existsNow(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** State and start time; a name with spaces and brackets in it stands before them. See proc_pid_stat(5). */
async function statOf(pid: number): Promise<{ state: string; startTime: number } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields?.[0], Number(fields?.[19])];
  return state === undefined || Number.isNaN(startTime) ? undefined : { state, startTime };
}
