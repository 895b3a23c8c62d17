import { readFile } from 'node:fs/promises';

const RESIDENT = /^VmRSS:\s+(\d+) kB$/m;

/** Memory that a process holds now; undefined where it is gone or the system doesn't tell (Linux does). */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = RESIDENT.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
