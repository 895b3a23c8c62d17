import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { type Bench, HERE } from './bench.ts';
import { LOAD_SECONDS, NS_PER_PIXEL } from './mixes.ts';

/** What the simulated translator does, beyond loading and taking its time. */
export interface Simulated {
  readonly loadSeconds?: number;
  readonly nsPerPixel?: number;
  readonly waitShare?: number;
  readonly saveShare?: number;
  readonly slowGpu?: { readonly gpu: number; readonly times: number };
  /** Workers of one GPU take turns on it. */
  readonly shared?: boolean;
  readonly memory?: SimulatedMemory;
  /** The service refuses as these pages are begun, counted over all workers. */
  readonly refuseAt?: readonly number[];
  /** File name of the page that ends its process. */
  readonly crash?: string;
  /** Everything is killed while this page (its file name) is being written, or at the first `load`. */
  readonly killAt?: string;
}

/** What a worker takes of its GPU's memory, with a page more by its pixels, and what each GPU has: one figure for all, or one each. */
interface SimulatedMemory {
  readonly workerMib: number;
  readonly cardMib: number | readonly number[];
  readonly mibAMegapixel?: number;
}

export interface MeasuredCommand {
  readonly command: readonly string[];
  readonly simulated?: Simulated;
  /** Ended when it takes longer: a launcher that hangs is told of as such. */
  readonly limitSeconds: number;
  readonly killAfterSeconds?: number;
  /** Memory is taken when so many pages are in this ledger. */
  readonly samples?: { readonly ledger: string; readonly at: readonly number[] };
}

const measurement = z.object({
  startedAt: z.number(),
  seconds: z.number(),
  exitCode: z.number().nullable(),
  ended: z.enum(['itself', 'kill', 'limit']),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
  samples: z.array(z.object({ pages: z.number(), bytes: z.number() })),
});

/** One command, measured: its own time, processor and memory, and the loads that it caused. */
export interface Measured extends z.infer<typeof measurement> {
  readonly loads: readonly Load[];
  /** How often a translator found no memory. */
  readonly outOfMemory: number;
  /** All that it wrote. */
  readonly said: string;
}

/** A translator that began to load: seconds since the command. */
export interface Load {
  readonly gpu: string;
  /** When its process was started, told late by at most 10 ms, never early. */
  readonly startedAfter: number;
  /** When it had come to its first line of its own. */
  readonly runningAfter: number;
  /** Memory of the process that had started it, then. */
  readonly parentBytes: number;
}

const KERNEL_TICK = 0.01;

/** Runs the command with the simulated translator in its environment and nothing of ours besides. */
export async function measure(bench: Bench, asked: MeasuredCommand): Promise<Measured> {
  const folder = join(bench.scratch, 'measured');
  await rm(folder, { recursive: true, force: true });
  for (const name of ['locks', 'cards']) await mkdir(join(folder, name), { recursive: true });
  const at = (name: string): string => join(folder, name);
  const { simulated = {}, samples } = asked;
  const spec = {
    command: asked.command,
    cwd: bench.scratch,
    log: at('log'),
    result: at('result'),
    limitSeconds: asked.limitSeconds,
    ...(simulated.killAt !== undefined && {
      killFile: at('kill'),
      killAfterSeconds: asked.killAfterSeconds ?? 0,
    }),
    ...(samples && { ledger: samples.ledger, sampleAt: samples.at }),
  };
  await writeFile(at('spec'), JSON.stringify(spec));
  await execa(bench.python, [join(HERE, 'python/measured.py'), at('spec')], {
    extendEnv: false,
    stdin: 'ignore',
    env: {
      ...withoutOurs(process.env),
      PATH: [bench.tools, process.env.PATH ?? ''].join(delimiter),
      PYTHONPATH: join(HERE, 'python'),
      // Nothing is known of costs but what this run learns.
      XDG_CACHE_HOME: at('cache'),
      ...simulation(simulated, at),
    },
  });
  const measured = measurement.parse(JSON.parse(await readFile(at('result'), 'utf8')));
  const journal = await readFile(at('journal'), 'utf8').catch(() => '');
  const loads = readJournal(journal, measured.startedAt);
  const said = await readFile(at('log'), 'utf8');
  const failed = await readFile(join(at('cards'), 'out-of-memory'), 'utf8').catch(() => '');
  if (loads.length === 0 && measured.exitCode !== 0) {
    bench.say(`exit code ${measured.exitCode} of ${asked.command.join(' ')}\n${said.trim().slice(-2000)}`);
  }
  return { ...measured, loads, outOfMemory: failed.length, said };
}

function simulation(simulated: Simulated, at: (name: string) => string): Record<string, string> {
  const { slowGpu, memory, refuseAt, crash, killAt } = simulated;
  return {
    SIM_LOAD_SECONDS: String(simulated.loadSeconds ?? LOAD_SECONDS),
    SIM_NS_PER_PIXEL: String(simulated.nsPerPixel ?? NS_PER_PIXEL),
    SIM_WAIT_SHARE: String(simulated.waitShare ?? 0),
    SIM_SAVE_SHARE: String(simulated.saveShare ?? 0),
    SIM_JOURNAL: at('journal'),
    ...(slowGpu && { SIM_SLOW_GPU: `${slowGpu.gpu}:${slowGpu.times}` }),
    ...(simulated.shared && { SIM_LOCKS: at('locks') }),
    SIM_CARDS: at('cards'),
    ...(memory && {
      SIM_WORKER_MIB: String(memory.workerMib),
      SIM_MIB_A_MEGAPIXEL: String(memory.mibAMegapixel ?? 0),
      SIM_CARD_MIB: String(memory.cardMib),
    }),
    ...(refuseAt && { SIM_REFUSE_AT: refuseAt.join(',') }),
    ...(crash !== undefined && { SIM_CRASH: crash }),
    ...(killAt !== undefined && { SIM_KILL_AT: killAt, SIM_KILL_FILE: at('kill') }),
  };
}

function readJournal(text: string, startedAt: number): Load[] {
  const loads = text.split('\n').flatMap((line) => {
    const [gpu, , started, now, parentKb] = line.split(' ');
    if (gpu === undefined || parentKb === undefined) return [];
    return {
      gpu,
      startedAfter: Number(started) + KERNEL_TICK - startedAt,
      runningAfter: Number(now) - startedAt,
      parentBytes: Number(parentKb) * 1024,
    };
  });
  return loads.sort((one, other) => one.startedAfter - other.startedAfter);
}

/** Without what would change a launcher's ways or a Python's: the user's own settings aren't measured. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(MGPU_|SIM_|CUDA_|NODE_|npm_|PYTHON|VIRTUAL_ENV)/.test(name),
  );
  return Object.fromEntries(kept);
}
