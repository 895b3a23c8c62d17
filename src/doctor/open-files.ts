import { readFile } from 'node:fs/promises';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, unchecked, warning } from './finding.ts';

const CHECK = 'open files';
const ENOUGH = 1024;

/** The limit on open files that the launcher and its workers have. */
export async function checkOpenFiles({ call, env }: DoctorContext): Promise<Finding> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => undefined);
  const asked =
    limits === undefined
      ? await call({ command: 'sh', args: ['-c', 'ulimit -n'], env, timeoutMs: 5000 })
      : undefined;
  const said =
    limits === undefined
      ? asked?.by === 'exit' && asked.stdout.trim()
      : /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (!said) return unchecked(CHECK, 'the system does not report a limit');
  if (said === 'unlimited' || Number(said) >= ENOUGH) return fine(CHECK, `up to ${said}`);
  return warning(CHECK, `only up to ${said}: a run with many workers may need more`, `ulimit -n 4096`);
}
