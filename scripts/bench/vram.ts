import type { Bench } from './bench.ts';
import { warmCommand } from './launchers.ts';
import { type Measured, measure, type Simulated } from './measure.ts';
import { type Mix, mixOfSeconds, secondsOf } from './mixes.ts';
import { lostPages } from './page-files.ts';
import { emptyJob, limitFor, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { count, median, ratio, secondsText, table } from './table.ts';

const PAGES = 480;
const SMALL_SECONDS = 0.1;
const LARGE_SECONDS = 0.2;
/** Of so many pages, the last is a large one. */
const LARGE_EVERY = 4;
const LOAD_SECONDS = 0.5;
/** Cards of 12 and 4 GB. A small page takes 3500 MiB with its worker, a large one 6000. */
const CARD_MIB = [12_288, 4096];
const WORKER_MIB = 1000;
const MIB_A_MEGAPIXEL = 5000;
const STRATEGIES = ['vram', 'dynamic'] as const;
const ROUNDS = 3;
/** Of the best possible where large pages go to the large card alone. */
const LEAST_SPEED = 0.93;

const SIMULATED: Simulated = {
  loadSeconds: LOAD_SECONDS,
  memory: { workerMib: WORKER_MIB, cardMib: CARD_MIB, mibAMegapixel: MIB_A_MEGAPIXEL },
};

export interface VramResult {
  readonly pages: number;
  readonly bestSeconds: number;
  readonly rows: readonly VramRow[];
}

/** One strategy over the pages: the median of its times, and what went wrong in all its runs. */
interface VramRow {
  readonly strategy: (typeof STRATEGIES)[number];
  readonly seconds: number;
  readonly outOfMemory: number;
  readonly lost: number;
}

/** Two cards of which one has no room for every fourth page: `vram` beside `dynamic`. */
export async function measureVram(bench: Bench): Promise<VramResult> {
  const { scale } = bench.options;
  const pages = Math.max(40, Math.round(PAGES * scale));
  const seconds = Array.from({ length: pages }, (_, at) => (isLarge(at) ? LARGE_SECONDS : SMALL_SECONDS));
  const prepared = await prepare(bench, mixOfSeconds('vram', seconds));
  const runs = STRATEGIES.map((strategy) => ({ strategy, all: [] as Run[] }));
  for (let round = 0; round < (scale < 1 ? 1 : ROUNDS); round += 1) {
    for (const { strategy, all } of runs) all.push(await runWith(bench, prepared, strategy));
  }
  const best = bestSecondsOf(prepared.mix);
  await unprepare(prepared);
  const rows = runs.map(({ strategy, all }) => ({
    strategy,
    seconds: median(all.map((run) => run.seconds)),
    outOfMemory: sum(all.map((run) => run.outOfMemory)),
    lost: sum(all.map((run) => run.lost)),
  }));
  for (const row of rows)
    bench.say(`  ${row.strategy}: ${ratio(best / row.seconds)}, ${row.outOfMemory} out of memory`);
  return { pages, bestSeconds: best, rows };
}

export const vramTable = ({ bestSeconds: best, rows }: VramResult): string =>
  table(
    ['strategy', 'time', 'best possible / time', 'at least', 'out of memory', 'lost'],
    rows.map(({ strategy, seconds, outOfMemory, lost }) => [
      ...[strategy, secondsText(seconds), ratio(best / seconds)],
      ...[strategy === 'vram' ? `≥ ${ratio(LEAST_SPEED)}` : '', String(outOfMemory), String(lost)],
    ]),
  );

export const vramText = ({ pages }: VramResult): string =>
  `Cards of 12 and 4 GB, ${count(pages)} pages, of which every fourth needs more memory than the small card has. Best possible is ` +
  `one load and both cards at work to the end, large pages on the large card alone. Medians of ${ROUNDS}; memory that ran out is counted over all runs.`;

const isLarge = (at: number): boolean => at % LARGE_EVERY === LARGE_EVERY - 1;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function bestSecondsOf({ pages }: Mix): number {
  const all = sum(pages.map(secondsOf));
  const large = sum(pages.filter((_, at) => isLarge(at)).map(secondsOf));
  return LOAD_SECONDS + Math.max(all / CARD_MIB.length, large);
}

type Run = Pick<Measured, 'seconds' | 'outOfMemory'> & { readonly lost: number };

async function runWith(bench: Bench, { mix, input }: Prepared, strategy: string): Promise<Run> {
  const job = await emptyJob(bench, input);
  const { seconds, outOfMemory } = await measure(bench, {
    command: warmCommand(bench, job, '--gpus', '0,1', '--strategy', strategy),
    simulated: SIMULATED,
    limitSeconds: limitFor(mix, bestSecondsOf(mix)),
  });
  const lost = (await lostPages(input, job.output, mix.pages)).length;
  await removeJob(job);
  return { seconds, outOfMemory, lost };
}
