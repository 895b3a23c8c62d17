import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { findPeers, type Job, oneShotCommand, warmCommand } from './launchers.ts';
import { measure } from './measure.ts';
import { tinyMix } from './mixes.ts';
import { emptyJob, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { count, mebibytes, median, secondsText, table } from './table.ts';

export interface StartResult {
  readonly rows: readonly StartRow[];
}

/** From the command to the first worker: medians. */
export interface StartRow {
  readonly launcher: string;
  readonly pages: number;
  /** Its process is there. */
  readonly startedAfter: number;
  /** Its own first line is reached. */
  readonly runningAfter: number;
  readonly launcherBytes: number;
  /** The pages had all been found when it was started; missing where that can't be told. */
  readonly afterDiscovery?: boolean;
}

interface Case {
  readonly launcher: string;
  readonly ours: boolean;
  command(job: Job): readonly string[];
}

/** Starts launchers over few and many pages, and kills each once its first worker is there. */
export async function measureStart(bench: Bench): Promise<StartResult> {
  const { quick, scale } = bench.options;
  const cases = await casesOf(bench);
  const sizes = quick ? [100, 10_000] : [100, Math.round(100_000 * scale)];
  const rows: StartRow[] = [];
  for (const pages of sizes) {
    const prepared = await prepare(bench, tinyMix(pages));
    for (const each of cases) {
      const row = await measureCase(bench, each, { prepared, times: quick ? 3 : 7 });
      rows.push(row);
      bench.say(`  ${row.launcher}, ${count(pages)} pages: ${secondsText(row.startedAfter)}`);
    }
    await unprepare(prepared);
  }
  return { rows };
}

export const startTable = ({ rows }: StartResult): string =>
  table(
    [
      'command to first worker',
      'pages',
      'process there',
      'its first line',
      'launcher’s memory',
      'all pages found',
    ],
    rows.map((row) => [
      ...[row.launcher, count(row.pages), secondsText(row.startedAfter), secondsText(row.runningAfter)],
      ...[mebibytes(row.launcherBytes), discoveryText(row.afterDiscovery)],
    ]),
  );

const discoveryText = (after: boolean | undefined): string => {
  if (after === undefined) return '';
  return after ? 'before' : 'later';
};

async function casesOf(bench: Bench): Promise<Case[]> {
  const { peers } = await findPeers({ ...bench, options: { ...bench.options, quick: true } });
  return [
    { launcher: 'mgpu-translate, warm', ours: true, command: (job) => warmCommand(bench, job) },
    {
      launcher: 'mgpu-translate, one-shot, even',
      ours: true,
      command: (job) => oneShotCommand(bench, job, '--strategy', 'even'),
    },
    ...peers.map((peer) => ({
      launcher: peer.name,
      ours: false,
      command: (job: Job) => peer.command(job),
    })),
  ];
}

async function measureCase(
  bench: Bench,
  { launcher, ours, command }: Case,
  { prepared, times }: { readonly prepared: Prepared; readonly times: number },
): Promise<StartRow> {
  const starts: {
    startedAfter: number;
    runningAfter: number;
    parentBytes: number;
    found: boolean | undefined;
  }[] = [];
  for (let time = 0; time < times; time += 1) {
    const job = await emptyJob(bench, prepared.input);
    const { loads } = await measure(bench, {
      command: command(job),
      simulated: { killAt: 'load', nsPerPixel: 0 },
      limitSeconds: 120,
      // Long enough for the events to be written.
      killAfterSeconds: ours ? 0.6 : 0,
    });
    const first = loads[0];
    if (first === undefined) throw new Error(`${launcher} started no worker`);
    starts.push({ ...first, found: ours ? await foundBeforeWorker(job.output) : undefined });
    await removeJob(job);
  }
  const found = starts.some((start) => start.found);
  return {
    launcher,
    pages: prepared.mix.pages.length,
    startedAfter: median(starts.map((start) => start.startedAfter)),
    runningAfter: median(starts.map((start) => start.runningAfter)),
    launcherBytes: median(starts.map((start) => start.parentBytes)),
    ...(ours && { afterDiscovery: found }),
  };
}

/** Whether the run's events tell of all pages found before they tell of the first worker. */
async function foundBeforeWorker(output: string): Promise<boolean> {
  const runs = join(output, '.mgpu/runs');
  const [run] = await readdir(runs);
  if (run === undefined) throw new Error(`no run in ${runs}`);
  const events = await readFile(join(runs, run, 'events.ndjson'), 'utf8');
  const found = events.indexOf('"type":"pages-found"');
  const started = events.indexOf('"type":"worker-started"');
  if (started === -1) throw new Error('the events tell of no worker');
  return found !== -1 && found < started;
}
