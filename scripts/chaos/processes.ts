import { readdir, readFile } from 'node:fs/promises';

/** A process that was started by a story, whoever started it there. */
export interface StoryProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** As in /proc/PID/stat: `T` is stopped, `Z` ended. */
  readonly state: string;
}

/** All processes whose environment names the story, but for those that have ended and wait for their parent. */
export async function processesOf(story: string): Promise<StoryProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map((pid) => lookAt(pid, `MGPU_CHAOS_STORY=${story}\0`)));
  return found.flatMap((each) => each ?? []);
}

async function lookAt(pid: number, mark: string): Promise<StoryProcess | undefined> {
  try {
    if (!(await readFile(`/proc/${pid}/environ`, 'latin1')).includes(mark)) return undefined;
    const [stats, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    const [state = '', parent = ''] = stats.slice(stats.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, parent: Number(parent), command: command.replaceAll('\0', ' ').trim(), state };
  } catch {
    return undefined;
  }
}

/** Guards: each launcher has one, and it outlives its launcher by a moment. */
export const guardsAmong = (processes: readonly StoryProcess[]): StoryProcess[] =>
  processes.filter(({ command }) => command.startsWith('/bin/sh -c trap'));

/** Signals a process. False: it is gone. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
