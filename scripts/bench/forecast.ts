import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bench } from './bench.ts';
import { type Job, oneShotCommand, warmCommand } from './launchers.ts';
import { measure } from './measure.ts';
import { bestSeconds, MIX_NAMES, makeMix } from './mixes.ts';
import { emptyJob, limitFor, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { percent, secondsText, table } from './table.ts';

const PAGES = 960;
/** From this share of the pages on the bar's estimate counts. */
const FROM_SHARE = 0.1;
/** What is left at the end is some pages: an estimate is off by a share of this much of the run at least. */
const LEAST_LEFT = 0.1;

export interface ForecastResult {
  readonly rows: readonly ForecastRow[];
}

/** A mix that was translated twice, with nothing known before the first time. */
export interface ForecastRow {
  readonly mix: string;
  readonly translator: string;
  /** Of the first run: how far the bar was off from a tenth of the pages on, at most, as a share of what was left. */
  readonly barOff: number | undefined;
  /** Of the second: what was told before its first page, and what it took. */
  readonly expectedSeconds: number | undefined;
  readonly tookSeconds: number;
}

const event = z.looseObject({ type: z.string(), time: z.string() });
const forecastEvent = event.extend({ secondsLeft: z.number(), by: z.string() });

/** Runs each mix twice, with warm workers and with a script, and compares what was foretold with what came. */
export async function measureForecast(bench: Bench): Promise<ForecastResult> {
  const rows: ForecastRow[] = [];
  const { mixes = MIX_NAMES, scale } = bench.options;
  for (const name of mixes) {
    const prepared = await prepare(bench, makeMix(name, { pages: PAGES, area: scale }));
    for (const [translator, command] of [
      ['warm', warmCommand],
      ['one-shot', oneShotCommand],
    ] as const) {
      const row = await measureTwice(bench, prepared, (job) => command(bench, job, '--json'));
      rows.push({ mix: name, translator, ...row });
      bench.say(`  ${name}, ${translator}: bar off by ${percent(row.barOff)}, ${expectedText(row)}`);
    }
    await unprepare(prepared);
  }
  return { rows };
}

export const forecastTable = ({ rows }: ForecastResult): string =>
  table(
    ['pages', 'translator', 'bar off by at most, from a tenth on', 'second run'],
    rows.map((row) => [row.mix, row.translator, percent(row.barOff), expectedText(row)]),
  );

export const forecastText = (): string =>
  `Each mix twice, with nothing known before the first run. Of the first: how far the bar was off from a tenth of the pages on, as a ` +
  `share of what was left then (aim: 10.0 %). Of the second: what was told before its first page, and what it took (aim: 8.0 %).`;

const expectedText = ({
  expectedSeconds: expected,
  tookSeconds: took,
}: Pick<ForecastRow, 'expectedSeconds' | 'tookSeconds'>): string =>
  expected === undefined
    ? `not forecast, took ${secondsText(took)}`
    : `forecast ${secondsText(expected)}, took ${secondsText(took)}: off by ${percent(Math.abs(expected / took - 1))}`;

async function measureTwice(
  bench: Bench,
  prepared: Prepared,
  commandOf: (job: Job) => readonly string[],
): Promise<Pick<ForecastRow, 'barOff' | 'expectedSeconds' | 'tookSeconds'>> {
  const cache = join(bench.scratch, 'cache');
  await rm(cache, { recursive: true, force: true });
  const first = await eventsOf(bench, prepared, cache, commandOf);
  const second = await eventsOf(bench, prepared, cache, commandOf);
  await rm(cache, { recursive: true, force: true });
  const told = second.forecasts.find(({ pages }) => pages === 0);
  return { barOff: barOff(first), expectedSeconds: told?.end, tookSeconds: second.took };
}

interface Told {
  /** Seconds since the start, pages done then, and when the run was to end. */
  readonly at: number;
  readonly pages: number;
  readonly end: number;
}

interface HeardRun {
  readonly took: number;
  readonly pages: readonly number[];
  readonly forecasts: readonly Told[];
}

async function eventsOf(
  bench: Bench,
  { input, mix }: Prepared,
  cache: string,
  commandOf: (job: Job) => readonly string[],
): Promise<HeardRun> {
  const job = await emptyJob(bench, input);
  const { said } = await measure(bench, {
    command: ['env', `XDG_CACHE_HOME=${cache}`, ...commandOf(job)],
    limitSeconds: limitFor(mix, bestSeconds(mix.pages)),
  });
  await removeJob(job);
  let startMs = 0;
  let took = 0;
  const pages: number[] = [];
  const forecasts: Told[] = [];
  for (const line of said.split('\n')) {
    if (!line.startsWith('{"type":')) continue;
    const heard = event.parse(JSON.parse(line));
    const at = (Date.parse(heard.time) - startMs) / 1000;
    if (heard.type === 'run-started') startMs = Date.parse(heard.time);
    if (heard.type === 'page-finished') pages.push(at);
    if (heard.type === 'run-finished') took = at;
    const told = heard.type === 'forecast' ? forecastEvent.parse(heard) : undefined;
    if (told) forecasts.push({ at, pages: pages.length, end: at + told.secondsLeft });
  }
  return { took, pages, forecasts };
}

/** How far the estimate was off that the bar had at each page from a tenth on; undefined where it had none in time. */
function barOff({ took, pages, forecasts }: HeardRun): number | undefined {
  let most = 0;
  for (const at of pages.slice(Math.ceil(pages.length * FROM_SHARE))) {
    const told = forecasts.findLast((one) => one.at <= at);
    if (!told) return undefined;
    most = Math.max(most, Math.abs(told.end - took) / Math.max(took - at, took * LEAST_LEFT));
  }
  return most;
}
