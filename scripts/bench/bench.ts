import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere, plainPython } from './interpreter.ts';
import { SLOTS } from './mixes.ts';
import type { BenchOptions } from './options.ts';

export const HERE = dirname(fileURLToPath(import.meta.url));
const CLONE = resolve(HERE, '../..');

/** What every section needs: where things are, how large it shall be, and somewhere to say things. */
export interface Bench {
  readonly options: BenchOptions;
  /** The bench's own folder in the clone: installed peers, results. */
  readonly home: string;
  /** Pages and outputs: memory, where there is a file system of it, so that no disk is measured. */
  readonly scratch: string;
  /** An interpreter itself, without what an installation has added to its start. */
  readonly python: string;
  /** Where a stand-in for nvidia-smi lists as many GPUs as there are slots. */
  readonly tools: string;
  readonly program: string;
  readonly docs: string;
  say(text: string): void;
}

/** The machine, as the page names it. */
export interface Machine {
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly python: string;
}

/** Makes the folders and the interpreter. Throws where there is no Linux or no Python. */
export async function openBench(options: BenchOptions, say: (text: string) => void): Promise<Bench> {
  if (process.platform !== 'linux') throw new Error('the benchmark reads /proc: it needs Linux');
  const home = join(CLONE, 'bench');
  const tools = join(home, 'tools');
  await mkdir(tools, { recursive: true });
  await writeFile(join(tools, 'nvidia-smi'), standInForNvidiaSmi(), { mode: 0o755 });
  const memory = (await isThere('/dev/shm')) ? '/dev/shm' : tmpdir();
  const scratch = await mkdtemp(join(memory, 'mgpu-bench-'));
  return {
    options,
    home,
    scratch,
    python: await plainPython(home),
    tools,
    program: await copyProgram(join(home, 'program')),
    docs: join(CLONE, 'docs'),
    say,
  };
}

/** Takes the pages and outputs away, also while a run that was ended still writes. Synchronous, so that a signal can't come between. */
export const closeBench = (bench: Bench): void =>
  rmSync(bench.scratch, { recursive: true, force: true, maxRetries: 20 });

export function describeMachine(bench: Bench): Machine {
  return {
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version.slice(1),
    python: execFileSync(bench.python, ['-c', 'import platform; print(platform.python_version())'], {
      encoding: 'utf8',
    }).trim(),
  };
}

/** The built program of this moment: a build on the way would be half a program. */
async function copyProgram(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  for (const part of ['package.json', 'bin', 'dist']) {
    await cp(join(CLONE, part), join(folder, part), { recursive: true });
  }
  const program = join(folder, 'bin/mgpu-translate.js');
  execFileSync(process.execPath, [program, '--version']);
  return program;
}

/** It answers all that is asked of the tool with the same fields: index, UUID, name, memory, use, MIG. Simulated workers take memory. */
function standInForNvidiaSmi(): string {
  return `#!/bin/sh
case "$*" in
*mig.mode*) mig=', [N/A]' ;;
*query-gpu*) mig= ;;
*) exit 0 ;;
esac
all=\${SIM_CARD_MIB:-16384}
gpu=0
while [ $gpu -lt ${SLOTS} ]; do
  total=\${all%%,*}
  # One figure for each GPU; the last one is that of all others.
  case "$all" in *,*) all=\${all#*,} ;; esac
  free=$((total - total / 64))
  if [ -f "$SIM_CARDS/gpu-$gpu" ]; then
    while read -r pid mib; do
      if [ -d "/proc/$pid" ]; then free=$((free - mib)); fi
    done < "$SIM_CARDS/gpu-$gpu"
  fi
  echo "$gpu, GPU-00000000-0000-0000-0000-00000000000$gpu, Simulated, $total, $free, 0$mig"
  gpu=$((gpu + 1))
done
`;
}
