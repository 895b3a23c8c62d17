import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** `name:x:1000:` at a line's start. */
const ENTRY = /^([^:\n]{1,64}):[^:\n]*:(\d{1,10}):/gm;
/** A file of users that is longer is none. */
const MOST_CHARACTERS = 4_000_000;

/**
 * The user that a process belongs to, by name, or `uid 1234` where it has none here; undefined where the process is not to be
 * seen. `program` is what it runs: in a container a number may stand for another process, which is told by that.
 */
export async function processOwner(pid: number, program: string): Promise<string | undefined> {
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const [file = ''] = command.split('\0', 1);
    if (path.basename(file) !== program) return undefined;
    const { uid } = await stat(`/proc/${pid}`);
    return nameIn(await readFile('/etc/passwd', 'utf8').catch(() => ''), uid);
  } catch {
    return undefined;
  }
}

/** The user's name in a text like /etc/passwd, else `uid 1234`. */
export function nameIn(users: string, uid: number): string {
  for (const [, name, number] of users.slice(0, MOST_CHARACTERS).matchAll(ENTRY))
    if (name !== undefined && Number(number) === uid) return name;
  return `uid ${uid}`;
}
