import type { Bench } from './bench.ts';
import { oneShotCommand, warmCommand } from './launchers.ts';
import type { Simulated } from './measure.ts';
import { equalPagesOf, type Mix, makeMix, SLOTS } from './mixes.ts';
import { type JobResult, prepare, runJob, unprepare } from './run-job.ts';
import { ratio, secondsText, table } from './table.ts';

const PAGES = 960;
const SLOW = { gpu: 3, times: 2 };
const SLOW_SPEED = SLOTS - 1 + 1 / SLOW.times;
const WAIT_SHARE = 0.5;
const BALANCED_MIXES = ['equal', 'manga', 'skewed'];

export interface StrategiesResult {
  readonly rows: readonly StrategyRow[];
}

/** One way to give out pages, over one mix. */
export interface StrategyRow {
  readonly strategy: string;
  readonly pages: string;
  /** What it has to reach, where something was promised. */
  readonly atLeast?: number;
  readonly result: JobResult;
}

interface Case {
  readonly strategy: string;
  readonly mix: Mix;
  readonly pages: string;
  readonly atLeast?: number;
  readonly args: readonly string[];
  readonly warm?: boolean;
  readonly simulated?: Simulated;
  readonly speed?: number;
}

/**
 * Our own strategies over the mixes that they are for, each with what it has to reach. `dynamic` without a fault is measured
 * beside the peers.
 */
export async function measureStrategies(bench: Bench): Promise<StrategiesResult> {
  const rows: StrategyRow[] = [];
  for (const each of casesOf(bench)) {
    const prepared = await prepare(bench, each.mix);
    const command = each.warm ? warmCommand : oneShotCommand;
    const result = await runJob(bench, prepared, {
      command: (job) => command(bench, job, ...each.args),
      ...(each.simulated && { simulated: each.simulated }),
      ...(each.speed !== undefined && { speed: each.speed }),
    });
    await unprepare(prepared);
    const { strategy, pages, atLeast } = each;
    rows.push({ strategy, pages, ...(atLeast !== undefined && { atLeast }), result });
    bench.say(`  ${strategy}, ${pages}: ${ratio(result.efficiency)} ${aim(atLeast)}`);
  }
  return { rows };
}

export const strategiesTable = ({ rows }: StrategiesResult): string =>
  table(
    ['strategy', 'pages', 'time', 'best possible / time', 'at least', 'model loads', 'lost'],
    rows.map(({ strategy, pages, atLeast, result }) => [
      ...[strategy, pages, secondsText(result.seconds), ratio(result.efficiency), aim(atLeast)],
      ...[String(result.loads), String(result.lost)],
    ]),
  );

const aim = (atLeast: number | undefined): string => (atLeast === undefined ? '' : `≥ ${ratio(atLeast)}`);

function casesOf(bench: Bench): Case[] {
  const area = bench.options.scale;
  const mixOf = (name: string): Mix => makeMix(name, { pages: PAGES, area });
  const equal = mixOf('equal');
  const slow = { simulated: { slowGpu: SLOW }, speed: SLOW_SPEED };
  const oneGpuSlow = 'equal, one GPU half as fast';
  return [
    {
      strategy: 'one-shot, even',
      mix: equalPagesOf(0.3 * area, PAGES),
      pages: `equal, ${0.3 * area} s each`,
      atLeast: 1 / 1.03,
      args: ['--strategy', 'even'],
    },
    ...BALANCED_MIXES.map((name) => ({
      strategy: 'one-shot, balanced',
      mix: mixOf(name),
      pages: name,
      atLeast: 0.95,
      args: ['--strategy', 'balanced'],
    })),
    {
      ...{ strategy: 'one-shot, dynamic', mix: equal, pages: oneGpuSlow, atLeast: 0.85, ...slow },
      args: ['--strategy', 'dynamic'],
    },
    {
      ...{ strategy: 'warm, dynamic', mix: equal, pages: oneGpuSlow, atLeast: 1 / 1.03, ...slow },
      ...{ args: [], warm: true },
    },
    ...[1, 2].map((workers) => ({
      strategy: `warm, dynamic, ${workers} a GPU`,
      mix: equal,
      pages: 'equal, half of each page waits for a service',
      args: ['--workers-per-gpu', String(workers)],
      warm: true,
      simulated: { waitShare: WAIT_SHARE, shared: true },
      // Nobody is faster than the GPUs without a pause.
      speed: SLOTS / (1 - WAIT_SHARE),
    })),
  ];
}
