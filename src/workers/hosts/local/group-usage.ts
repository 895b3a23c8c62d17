import { readdir, readFile } from 'node:fs/promises';
import type { HostUse } from '../host.ts';

/** `getconf CLK_TCK`: Linux counts processor time so on every machine that Node runs on. */
const TICKS_A_SECOND = 100;
/** In less time a tick more or less would be a core. */
const LEAST_SECONDS = 0.3;

/** What a worker with all its processes has used so far. */
interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What process groups used lately. */
type GroupsUsage = Pick<HostUse, 'coresUsed' | 'largestBytes'>;

/** Reads what process groups use from /proc, a worker each; where there is none, it knows nothing. */
export class GroupUsage {
  #before = new Map<number, number>();
  #beforeMs = 0;
  #last: GroupsUsage = { coresUsed: undefined, largestBytes: undefined };

  /** What these process groups use. Never rejects. */
  async read(groups: readonly number[]): Promise<GroupsUsage> {
    const nowMs = performance.now();
    const now = await usageOf(new Set(groups));
    let cpuSeconds = 0;
    let known = 0;
    for (const [group, usage] of now) {
      const before = this.#before.get(group);
      if (before === undefined) continue;
      known += 1;
      cpuSeconds += Math.max(0, usage.cpuSeconds - before);
    }
    const seconds = (nowMs - this.#beforeMs) / 1000;
    if (known > 0 && seconds < LEAST_SECONDS) return { ...this.#last, largestBytes: largestOf(now) };
    this.#before = new Map([...now].map(([group, usage]) => [group, usage.cpuSeconds]));
    this.#beforeMs = nowMs;
    // What is not known of some is as with the others.
    const coresUsed = known > 0 ? (cpuSeconds / seconds / known) * groups.length : undefined;
    this.#last = { coresUsed, largestBytes: largestOf(now) };
    return this.#last;
  }
}

const largestOf = (usages: ReadonlyMap<number, Usage>): number | undefined => {
  const held = [...usages.values()].map(({ residentBytes }) => residentBytes);
  return held.length > 0 ? Math.max(...held) : undefined;
};

async function usageOf(groups: ReadonlySet<number>): Promise<Map<number, Usage>> {
  const found = new Map<number, Usage>();
  const names = await readdir('/proc').catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // A program's name may have spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const group = Number(fields[2]);
    if (!groups.has(group)) continue;
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(
      await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
    )?.[1];
    const { cpuSeconds = 0, residentBytes = 0 } = found.get(group) ?? {};
    found.set(group, {
      cpuSeconds: cpuSeconds + ticks / TICKS_A_SECOND,
      residentBytes: residentBytes + Number(resident ?? 0) * 1024,
    });
  }
  return found;
}
