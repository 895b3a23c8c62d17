import { readFileSync } from 'node:fs';
import path from 'node:path';

const CGROUPS = '/sys/fs/cgroup';
/** Groups within groups; nobody has more. */
const MOST_LEVELS = 32;

/** Reads a small file of the system; undefined where there is none. */
type ReadText = (file: string) => string | undefined;

/**
 * Main memory that programs may still take here, in bytes: what the system has available, and what is left of the limits that a
 * container or a batch system has set. Undefined where nobody tells. Blocks for a fraction of a millisecond.
 */
export function availableMemory(read: ReadText = readText): number | undefined {
  const kib = /^MemAvailable:\s+(\d{1,15}) kB$/m.exec(read('/proc/meminfo') ?? '')?.[1];
  const rooms = [kib === undefined ? undefined : Number(kib) * 1024, ...roomsOfGroups(read)];
  const known = rooms.filter((room) => room !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** The same; where nobody tells of it, what Node knows. */
export const freeMainMemory = (): number => availableMemory() ?? process.availableMemory();

/** What each group that this process is in leaves: a group's limit holds for those within it. */
function roomsOfGroups(read: ReadText): (number | undefined)[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n');
  const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
  const old = lines
    .find((line) => /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/.test(line))
    ?.replace(/^\d+:[^:]*:/, '');
  return [
    ...foldersUp(CGROUPS, unified).map((folder) => roomIn(folder, read, NEW_FILES)),
    ...foldersUp(path.join(CGROUPS, 'memory'), old).map((folder) => roomIn(folder, read, OLD_FILES)),
  ];
}

interface GroupFiles {
  readonly limit: string;
  readonly used: string;
  /** In `memory.stat`: contents of files that nobody has read lately, which make way for programs. */
  readonly spare: RegExp;
}
const NEW_FILES: GroupFiles = {
  limit: 'memory.max',
  used: 'memory.current',
  spare: /^inactive_file (\d{1,19})$/m,
};
const OLD_FILES: GroupFiles = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  spare: /^total_inactive_file (\d{1,19})$/m,
};

function roomIn(folder: string, read: ReadText, files: GroupFiles): number | undefined {
  const limit = numberIn(read(path.join(folder, files.limit)));
  const used = numberIn(read(path.join(folder, files.used)));
  if (limit === undefined || used === undefined) return undefined;
  const spare = Number(files.spare.exec(read(path.join(folder, 'memory.stat')) ?? '')?.[1] ?? 0);
  return Math.max(0, limit - Math.max(0, used - spare));
}

/** The folder of a group and of those around it, up to the root. In a container it may be seen as the root itself. */
function foldersUp(root: string, group: string | undefined): string[] {
  if (group === undefined) return [];
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  const folders = parts.map((_, at) => path.join(root, ...parts.slice(0, at + 1)));
  return [root, ...folders].slice(0, MOST_LEVELS);
}

const numberIn = (text: string | undefined): number | undefined => {
  const digits = /^(\d{1,19})\s*$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
};

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
