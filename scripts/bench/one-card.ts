import type { Bench } from './bench.ts';
import { warmCommand } from './launchers.ts';
import { measure, type Simulated } from './measure.ts';
import { bestSeconds, equalPagesOf, type Mix } from './mixes.ts';
import { lostPages } from './page-files.ts';
import { emptyJob, limitFor, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { count, median, ratio, secondsText, table } from './table.ts';

const GPUS = 2;
const PAGES = 960;
const PAGE_SECONDS = 0.1;
const LOAD_SECONDS = 0.5;
const CARD_MIB = 16_384;
/** As much fits twice into a card, and not three times. */
const HALF_A_CARD_MIB = 6500;
/** Each number of workers in turn, then all of them again: what disturbs the machine disturbs all alike. */
const ROUNDS = 3;

export interface OneCardResult {
  readonly rows: readonly OneCardRow[];
}

/** Workers that share two cards, over equal pages: medians. */
export interface OneCardRow {
  readonly name: string;
  readonly pages: number;
  readonly autoSeconds: number;
  readonly oneSeconds: number;
  /** The best of the fixed numbers that were tried. */
  readonly best: { readonly workers: number; readonly seconds: number };
  /** Workers that `-w auto` started in all, and what it said of them. */
  readonly started: number;
  readonly said: string;
  readonly lost: number;
  readonly aims: readonly OneCardAim[];
}

/** Something promised: speed compared with one worker, or with the best number. */
interface OneCardAim {
  readonly beside: 'one' | 'best';
  readonly atLeast: number;
}

interface Case {
  readonly name: string;
  /** Of a page's time, as much is spent on the card. */
  readonly share: number;
  readonly pages?: number;
  readonly fixed: readonly number[];
  readonly simulated?: Simulated;
  readonly aims: readonly OneCardAim[];
}

const CASES: readonly Case[] = [
  {
    name: '30 % of a page on the card',
    share: 0.3,
    fixed: [1, 4],
    aims: [
      { beside: 'one', atLeast: 2.5 },
      { beside: 'best', atLeast: 0.85 },
    ],
  },
  { name: '50 %', share: 0.5, fixed: [1, 2, 3], aims: [{ beside: 'best', atLeast: 0.92 }] },
  { name: '100 %', share: 1, fixed: [1], aims: [{ beside: 'one', atLeast: 1 / 1.04 }] },
  {
    name: '30 %, memory for two workers',
    share: 0.3,
    fixed: [1, 2],
    simulated: { memory: { workerMib: HALF_A_CARD_MIB, cardMib: CARD_MIB } },
    aims: [{ beside: 'best', atLeast: 0.92 }],
  },
  {
    name: '30 %, few pages',
    share: 0.3,
    pages: 20,
    fixed: [1],
    aims: [{ beside: 'one', atLeast: 1 / 1.04 }],
  },
  {
    name: '30 %, the service refuses at pages 20 and 200',
    share: 0.3,
    fixed: [1],
    simulated: { refuseAt: [20, 200] },
    aims: [{ beside: 'one', atLeast: 1 / 1.04 }],
  },
];

/** `-w auto` beside fixed numbers of workers, on cards whose workers take turns. */
export async function measureOneCard(bench: Bench): Promise<OneCardResult> {
  const rows: OneCardRow[] = [];
  for (const each of CASES) {
    const pages = each.pages ?? Math.max(40, Math.round(PAGES * bench.options.scale));
    const prepared = await prepare(bench, equalPagesOf(PAGE_SECONDS, pages));
    const row = await measureCase(bench, each, prepared);
    await unprepare(prepared);
    rows.push(row);
    bench.say(`  ${row.name}: ${row.said || 'one worker'}; ${aimsText(row)}`);
  }
  return { rows };
}

export const oneCardTable = ({ rows }: OneCardResult): string =>
  table(
    ['pages of 0.1 s', 'pages', 'one worker', 'best number', '`-w auto`', 'workers started', 'lost', 'speed'],
    rows.map((row) => [
      ...[row.name, count(row.pages), secondsText(row.oneSeconds)],
      ...[`${secondsText(row.best.seconds)} with ${row.best.workers}`, secondsText(row.autoSeconds)],
      ...[String(row.started), String(row.lost), aimsText(row)],
    ]),
  );

export const oneCardText = ({ rows }: OneCardResult): string =>
  `Two simulated GPUs, on which the workers of each take turns for their share of a page; ${PAGE_SECONDS} s a page, ` +
  `${LOAD_SECONDS} s to load. \`-w auto\` starts with one worker a GPU and finds out how many it pays to have; beside it the same ` +
  `pages with fixed numbers of workers, in turn, medians of ${ROUNDS}. ${rows.every(isReached) ? 'All that was promised is reached.' : 'Not all that was promised is reached.'}`;

const speedOf = ({ autoSeconds, oneSeconds, best }: OneCardRow, beside: OneCardAim['beside']): number =>
  (beside === 'one' ? oneSeconds : best.seconds) / autoSeconds;

const isReached = (row: OneCardRow): boolean =>
  row.aims.every(({ beside, atLeast }) => speedOf(row, beside) >= atLeast);

const aimsText = (row: OneCardRow): string =>
  row.aims
    .map(({ beside, atLeast }) => `${ratio(speedOf(row, beside))} × ${beside} (≥ ${ratio(atLeast)})`)
    .join(', ');

async function measureCase(bench: Bench, each: Case, prepared: Prepared): Promise<OneCardRow> {
  const rounds = bench.options.scale < 1 ? 1 : ROUNDS;
  const seconds = new Map<number | 'auto', number[]>();
  let auto: Run | undefined;
  let lost = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const workers of ['auto', ...each.fixed] as const) {
      const run = await runWith(bench, each, { prepared, workers });
      seconds.set(workers, [...(seconds.get(workers) ?? []), run.seconds]);
      if (workers !== 'auto') continue;
      auto = run;
      lost += run.lost;
    }
  }
  const of = (workers: number | 'auto'): number => median(seconds.get(workers) ?? []);
  const [best = 1] = [...each.fixed].sort((one, other) => of(one) - of(other));
  return {
    name: each.name,
    pages: prepared.mix.pages.length,
    autoSeconds: of('auto'),
    oneSeconds: of(1),
    best: { workers: best, seconds: of(best) },
    started: auto?.started ?? 0,
    said: auto?.said ?? '',
    lost,
    aims: each.aims,
  };
}

interface Run {
  readonly seconds: number;
  readonly started: number;
  readonly said: string;
  readonly lost: number;
}

async function runWith(
  bench: Bench,
  { share, simulated }: Case,
  { prepared, workers }: { readonly prepared: Prepared; readonly workers: number | 'auto' },
): Promise<Run> {
  const { mix, input } = prepared;
  const gpus = Array.from({ length: GPUS }, (_, gpu) => gpu).join(',');
  const job = await emptyJob(bench, input);
  const measured = await measure(bench, {
    command: warmCommand(bench, job, '--gpus', gpus, '--workers-per-gpu', String(workers)),
    simulated: { ...simulated, loadSeconds: LOAD_SECONDS, waitShare: 1 - share, shared: true },
    limitSeconds: limitOf(mix),
  });
  const lost = (await lostPages(input, job.output, mix.pages)).length;
  await removeJob(job);
  const said = measured.said.match(/^\d+ workers? on .*$/gm)?.at(-1) ?? '';
  return { seconds: measured.seconds, started: measured.loads.length, said, lost };
}

const limitOf = (mix: Mix): number => limitFor(mix, bestSeconds(mix.pages, GPUS));
