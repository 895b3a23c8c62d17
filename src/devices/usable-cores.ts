import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

/** Cores that this process may keep busy: those of the machine, or the quota of its cgroup where that is less. Never rejects. */
export async function usableCores(): Promise<number> {
  const machine = availableParallelism();
  const [quota, period] = (await cpuFile('cpu.max'))?.split(/\s+/).map(Number) ?? [];
  const old = Number(await cpuFile('cpu.cfs_quota_us'));
  const oldPeriod = Number(await cpuFile('cpu.cfs_period_us'));
  const quotas = [Number(quota) / Number(period), old / oldPeriod].filter((cores) => cores > 0);
  return Math.min(machine, ...quotas);
}

/** A file of this process's cgroup that says what it has of the processors, of either version; undefined where there is none. */
async function cpuFile(name: string): Promise<string | undefined> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).split('\n');
  const paths = lines.flatMap((line) => {
    const [, controllers, place] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (place === undefined) return [];
    if (controllers === '') return [path.join(CGROUPS, place, name), path.join(CGROUPS, name)];
    if (!controllers?.split(',').includes('cpu')) return [];
    return [path.join(CGROUPS, 'cpu', place, name), path.join(CGROUPS, 'cpu', name)];
  });
  for (const file of paths) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text.trim();
  }
  return undefined;
}
