import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

/** Cores that this process may keep busy: those of the machine, or the quota of its cgroup where that is less. Never rejects. */
export async function usableCores(): Promise<number> {
  const machine = availableParallelism();
  const [quota, period] = (await cgroupFile('cpu', 'cpu.max'))?.split(/\s+/).map(Number) ?? [];
  const old = Number(await cgroupFile('cpu', 'cpu.cfs_quota_us'));
  const oldPeriod = Number(await cgroupFile('cpu', 'cpu.cfs_period_us'));
  const quotas = [Number(quota) / Number(period), old / oldPeriod].filter((cores) => cores > 0);
  return Math.min(machine, ...quotas);
}

/**
 * Main memory that more processes could have, in bytes: what the system has free, or the cgroup where that is less. Files that
 * a cgroup has read count as free, as the system can drop them. Never rejects.
 */
export async function freeMainMemory(): Promise<number> {
  const free = process.availableMemory();
  const limit = process.constrainedMemory();
  if (limit === 0 || limit >= totalmem()) return free;
  const stat = await cgroupFile('memory', 'memory.stat');
  const cached = /^(?:total_)?inactive_file (\d+)$/m.exec(stat ?? '')?.[1];
  return free + Number(cached ?? 0);
}

/** A file of this process's cgroup, of either version; undefined where there is none. */
async function cgroupFile(controller: string, name: string): Promise<string | undefined> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).split('\n');
  const paths = lines.flatMap((line) => {
    const [, controllers, place] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (place === undefined) return [];
    if (controllers === '') return [path.join(CGROUPS, place, name), path.join(CGROUPS, name)];
    if (!controllers?.split(',').includes(controller)) return [];
    return [path.join(CGROUPS, controller, place, name), path.join(CGROUPS, controller, name)];
  });
  for (const file of paths) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text.trim();
  }
  return undefined;
}
