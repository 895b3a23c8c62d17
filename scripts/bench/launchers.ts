import { join } from 'node:path';
import { type Bench, HERE } from './bench.ts';
import { SLOTS } from './mixes.ts';
import { type Installed, installPythonPackage, unpackDebianPackage } from './peer-installs.ts';

/** What a launcher is given. `work` is a folder for its own files, kept for a second start. */
export interface Job {
  readonly input: string;
  readonly output: string;
  readonly work: string;
}

/** A way to translate a folder on eight GPUs: ours, or one that somebody would take instead. */
export interface Launcher {
  readonly name: string;
  readonly ours: boolean;
  /** Warm: the models are loaded once a GPU. */
  readonly warm: boolean;
  /** In one line: how it is set up. */
  readonly about: string;
  readonly quick: boolean;
  command(job: Job): readonly string[];
}

/** A peer that can't be had here, and why. */
export interface MissingLauncher {
  readonly name: string;
  readonly missing: string;
}

const TRANSLATOR = join(HERE, 'python/simulated_translator.py');
const WORKER = join(HERE, 'python/simulated_worker.py');
const GPUS = Array.from({ length: SLOTS }, (_, gpu) => gpu).join(',');

const peer = (name: string): string => join(HERE, 'peers', name);

/** Our own command with the warm simulated translator. */
export const warmCommand = (bench: Bench, { input, output }: Job, ...more: readonly string[]): string[] => [
  ...ourCommand(bench, input, output),
  ...['--translator', `worker:${WORKER}`, ...more],
];

/** Our own command with the one-shot simulated translator. */
export const oneShotCommand = (
  bench: Bench,
  { input, output }: Job,
  ...more: readonly string[]
): string[] => [...ourCommand(bench, input, output), ...['--translator', TRANSLATOR, ...more]];

function ourCommand(bench: Bench, input: string, output: string): string[] {
  return [
    ...[process.execPath, bench.program, 'run', input, '--output', output],
    ...['--gpus', GPUS, '--python', bench.python],
  ];
}

/** Ours in its two ways. */
export const ourLaunchers = (bench: Bench): Launcher[] => [
  {
    name: 'mgpu-translate, warm',
    ours: true,
    warm: true,
    about: 'a worker a GPU that stays loaded; its strategy is `dynamic` by itself',
    quick: true,
    command: (job) => warmCommand(bench, job),
  },
  {
    name: 'mgpu-translate, one-shot',
    ours: true,
    warm: false,
    about: 'a command line that loads at every start, with `--strategy dynamic`',
    quick: true,
    command: (job) => oneShotCommand(bench, job, '--strategy', 'dynamic'),
  },
];

/** All peers, installed where that is possible. Never throws. */
export async function findPeers(
  bench: Bench,
): Promise<{ readonly peers: readonly Launcher[]; readonly missing: readonly MissingLauncher[] }> {
  const installs = bench.options.quick ? [] : await installAll(bench);
  const peers: Launcher[] = [queueOfWorkers(bench), split(bench)];
  const missing: MissingLauncher[] = [];
  for (const { name, installed, make } of installs) {
    if ('missing' in installed) missing.push({ name, missing: installed.missing });
    else peers.push(make(installed.path));
  }
  return { peers, missing };
}

interface Install {
  readonly name: string;
  readonly installed: Installed;
  make(path: string): Launcher;
}

async function installAll(bench: Bench): Promise<Install[]> {
  return [
    {
      name: RAY,
      installed: await installPythonPackage(bench, 'ray', 'python'),
      make: (python) => ({
        name: RAY,
        ours: false,
        warm: true,
        about:
          '`ray.util.ActorPool`, one actor with `num_gpus=1` a GPU, restarted when it dies (`max_restarts`), each page tried once more (`max_task_retries`)',
        quick: false,
        command: ({ input, output }) => [python, peer('ray_actor_pool.py'), input, output, String(SLOTS)],
      }),
    },
    {
      name: PARALLEL,
      installed: await unpackDebianPackage(bench, 'parallel', 'usr/bin/parallel'),
      make: (parallel) => ({
        name: PARALLEL,
        ours: false,
        warm: false,
        about:
          '`-N10`, `{%}` as the GPU, `--joblog` with `--resume`; larger chunks load less often and end less evenly',
        quick: false,
        command: (job) => chunked(bench, 'gnu_parallel.sh', parallel, job),
      }),
    },
    {
      name: SCHEDULER,
      installed: await installPythonPackage(bench, 'simple_gpu_scheduler', 'simple_gpu_scheduler'),
      make: (scheduler) => ({
        name: SCHEDULER,
        ours: false,
        warm: false,
        about: 'a command for every ten pages on its standard input',
        quick: false,
        command: (job) => chunked(bench, 'gpu_scheduler.sh', scheduler, job),
      }),
    },
  ];
}

const RAY = 'Ray ActorPool';
const PARALLEL = 'GNU parallel, tens';
const SCHEDULER = 'simple_gpu_scheduler, tens';

const queueOfWorkers = (bench: Bench): Launcher => ({
  name: 'multiprocessing queue',
  ours: false,
  warm: true,
  about: 'forty lines of Python: forked workers that load once and take pages from one queue',
  quick: true,
  command: ({ input, output }) => [bench.python, peer('queue_of_workers.py'), input, output, String(SLOTS)],
});

const split = (bench: Bench): Launcher => ({
  name: 'bash, split and &',
  ours: false,
  warm: false,
  about: 'contiguous shards, a translator in the background for each, `wait` for every one',
  quick: true,
  command: ({ input, output, work }) => [
    ...['bash', peer('split.sh'), input, output, work],
    ...[String(SLOTS), bench.python, TRANSLATOR],
  ],
});

const chunked = (bench: Bench, script: string, tool: string, { input, output, work }: Job): string[] => [
  ...['bash', peer(script), tool, input, output, work],
  ...[String(SLOTS), bench.python, TRANSLATOR],
];
