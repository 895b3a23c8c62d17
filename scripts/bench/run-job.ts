import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { Job } from './launchers.ts';
import { type Measured, measure, type Simulated } from './measure.ts';
import { bestSeconds, type Mix } from './mixes.ts';
import { lostPages, writePages } from './page-files.ts';

/** Pages on their file system, ready to be translated. */
export interface Prepared {
  readonly mix: Mix;
  readonly input: string;
}

/** What became of one command over one mix. */
export interface JobResult {
  readonly seconds: number;
  /** Best possible / time: 1 is what nobody can beat. */
  readonly efficiency: number;
  /** The same from the start of the first worker's process on. */
  readonly efficiencyFromStart: number;
  readonly pagesPerSecond: number;
  readonly loads: number;
  readonly lost: number;
  readonly exitCode: number | null;
  readonly ended: Measured['ended'];
  readonly launcherCpuSeconds: number;
  readonly launcherPeakBytes: number;
}

export interface JobOptions {
  readonly command: (job: Job) => readonly string[];
  readonly simulated?: Simulated;
  /** Of all GPUs together, in whole GPUs. */
  readonly speed?: number;
}

const SLOWEST = 12;

/** Writes a mix's pages into a folder of its own. */
export async function prepare(bench: Bench, mix: Mix, name = mix.name): Promise<Prepared> {
  const input = join(bench.scratch, 'pages', name);
  await rm(input, { recursive: true, force: true });
  await writePages(input, mix.pages);
  return { mix, input };
}

export const unprepare = ({ input }: Prepared): Promise<void> => rm(input, { recursive: true, force: true });

/** Runs a command over a mix into an empty output, counts what is missing there, and takes it away again. */
export async function runJob(
  bench: Bench,
  { mix, input }: Prepared,
  options: JobOptions,
): Promise<JobResult> {
  const job = await emptyJob(bench, input);
  const best = bestSeconds(mix.pages, options.speed);
  const measured = await measure(bench, {
    command: options.command(job),
    ...(options.simulated && { simulated: options.simulated }),
    limitSeconds: limitFor(mix, best),
  });
  const lost = await lostPages(input, job.output, mix.pages);
  await removeJob(job);
  return resultOf(mix, best, { measured, lost: lost.length });
}

/** How long a launcher is waited for: long enough for one that loads the models again for each few pages. */
export const limitFor = (mix: Mix, best: number): number => 60 + SLOWEST * best + mix.pages.length / 50;

export async function emptyJob(bench: Bench, input: string): Promise<Job> {
  const job = { input, output: join(bench.scratch, 'out'), work: join(bench.scratch, 'work') };
  await removeJob(job);
  await mkdir(job.output, { recursive: true });
  return job;
}

export async function removeJob({ output, work }: Job): Promise<void> {
  for (const folder of [output, work]) await rm(folder, { recursive: true, force: true });
}

function resultOf(
  mix: Mix,
  best: number,
  { measured, lost }: { readonly measured: Measured; readonly lost: number },
): JobResult {
  const fromStart = measured.seconds - (measured.loads[0]?.startedAfter ?? 0);
  return {
    seconds: measured.seconds,
    efficiency: best / measured.seconds,
    efficiencyFromStart: best / fromStart,
    pagesPerSecond: mix.pages.length / measured.seconds,
    loads: measured.loads.length,
    lost,
    exitCode: measured.exitCode,
    ended: measured.ended,
    launcherCpuSeconds: measured.cpuSeconds,
    launcherPeakBytes: measured.peakBytes,
  };
}
