import { readFile } from 'node:fs/promises';
import type { HeldMemory } from '../host.ts';

const RESIDENT = /^VmRSS:\s+(\d{1,15}) kB$/m;
const PEAK = /^VmHWM:\s+(\d{1,15}) kB$/m;
/** A worker is a process, or a few behind a script. */
const MOST_PROCESSES = 32;

/** Main memory of a process with those that it started, now and at its most; undefined where it is gone or the system doesn't tell. */
export async function processMemory(pid: number): Promise<HeldMemory | undefined> {
  let now = 0;
  let peak = 0;
  const pids = [pid];
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at += 1) {
    const [status = '', children = ''] = await Promise.all(
      [`/proc/${pids[at]}/status`, `/proc/${pids[at]}/task/${pids[at]}/children`].map((file) =>
        readFile(file, 'utf8').catch(() => ''),
      ),
    );
    const resident = bytesIn(RESIDENT, status);
    // Where the first is gone, so is the worker.
    if (at === 0 && resident === undefined) return undefined;
    now += resident ?? 0;
    peak += bytesIn(PEAK, status) ?? 0;
    pids.push(...children.split(/\s+/).filter(Boolean).map(Number));
  }
  return { now, peak };
}

const bytesIn = (line: RegExp, status: string): number | undefined => {
  const kib = line.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
};
