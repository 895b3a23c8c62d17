import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SMALL_DISK_BYTES = 24 * 2 ** 20;

/** What all stories share: the program, the translator, disks, and what this machine can't do. */
export interface Machine {
  /** Every story has a folder in it. */
  readonly home: string;
  /** The built command. */
  readonly program: string;
  /** The translator, to be executed. */
  readonly worker: string;
  /** A small file system for each story that goes on at a time; none where this user may not mount. */
  readonly smallDisks: readonly string[];
  /** A folder on another file system than the stories'. */
  readonly otherDisk: string;
  /** The library that lets calls fail; undefined where there is no C compiler. */
  readonly refusingDisk: string | undefined;
}

/** Makes ready what the stories need. */
export function openMachine(jobs: number): Machine {
  const home = mkdtempSync(join(inMemory() ?? tmpdir(), 'mgpu-chaos-'));
  const otherDisk = mkdtempSync(join(tmpdir(), 'mgpu-chaos-'));
  const here = resolve(import.meta.dirname, '../..');
  return {
    home,
    otherDisk,
    program: copyProgram(here, join(otherDisk, 'program')),
    worker: makeWorker(otherDisk),
    smallDisks: Array.from({ length: jobs }, (_, lane) => mountSmall(join(home, `disk-${lane}`))).flatMap(
      (disk) => disk ?? [],
    ),
    refusingDisk: compile(join(here, 'test/fixtures/refusing_disk.c'), join(otherDisk, 'refusing_disk.so')),
  };
}

/** Gives back the disks and removes the folders, but for the stories that are kept. */
export function closeMachine(machine: Machine, { keep }: { keep: boolean }): void {
  for (const disk of machine.smallDisks) quietly('umount', ['--lazy', disk]);
  if (keep) return;
  for (const folder of [machine.home, machine.otherDisk]) rmSync(folder, { recursive: true, force: true });
}

/** Files that live for seconds need no disk. */
const inMemory = (): string | undefined => {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2 ** 30 ? '/dev/shm' : undefined;
  } catch {
    return undefined;
  }
};

/** The build of this moment: another one on the way would be half a program. */
function copyProgram(clone: string, folder: string): string {
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(clone, part), join(folder, part), { recursive: true });
  return join(folder, 'bin/mgpu-translate.js');
}

/** Not in memory, where nothing may be executed in some containers. A program of its own, so that Python starts without its site packages: in a third of the time. */
function makeWorker(folder: string): string {
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const source = readFileSync(join(import.meta.dirname, 'python/chaos_translator.py'), 'utf8');
  const worker = join(folder, 'chaos-translator');
  writeFileSync(worker, `#!${python.trim()} -SE\n${source}`);
  chmodSync(worker, 0o755);
  return worker;
}

function mountSmall(folder: string): string | undefined {
  mkdirSync(folder);
  return quietly('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'mgpu-chaos', folder])
    ? folder
    : undefined;
}

const compile = (source: string, library: string): string | undefined =>
  process.platform === 'linux' && quietly('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
    ? library
    : undefined;

function quietly(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
