import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { warmCommand } from './launchers.ts';
import { type Measured, measure } from './measure.ts';
import { tinyMix } from './mixes.ts';
import { lostPages } from './page-files.ts';
import { emptyJob, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { count, mebibytes, secondsText, table } from './table.ts';

const SPEED_PAGES = 20_000;
const MEMORY_PAGES = [1000, 10_000, 100_000];
const RESUMED_PAGES = [SPEED_PAGES, 100_000];
const QUICK_PAGES = [1000, 5000];
const NO_WORK = { loadSeconds: 0, nsPerPixel: 0 };

export interface LauncherResult {
  readonly rows: readonly LauncherRow[];
}

/** Pages of no work over warm workers: what is left is the launcher's own. */
export interface LauncherRow {
  readonly pages: number;
  readonly seconds: number;
  readonly pagesPerSecond: number;
  readonly cpuMsPerPage: number;
  readonly peakBytes: number;
  readonly lost: number;
  /** Memory when so many pages were done, on the way. */
  readonly samples: readonly { readonly pages: number; readonly bytes: number }[];
  /** The same command again, when all is done. */
  readonly resume: { readonly seconds: number; readonly peakBytes: number; readonly cpuSeconds: number };
}

/** Runs over pages of no work, and each again when nothing is left to do. */
export async function measureLauncher(bench: Bench): Promise<LauncherResult> {
  const { quick, scale } = bench.options;
  const sizes = quick
    ? QUICK_PAGES
    : [...new Set([...MEMORY_PAGES, ...RESUMED_PAGES])].map((pages) => Math.round(pages * scale));
  const rows: LauncherRow[] = [];
  for (const pages of sizes.sort((one, other) => one - other)) {
    const prepared = await prepare(bench, tinyMix(pages));
    const row = await measureSize(bench, prepared);
    await unprepare(prepared);
    rows.push(row);
    const { pagesPerSecond, cpuMsPerPage, peakBytes, resume } = row;
    bench.say(
      `  ${count(pages)} pages: ${count(pagesPerSecond)} a second, ${cpuMsPerPage.toFixed(3)} ms of CPU a page, ` +
        `peak ${mebibytes(peakBytes)}; resume ${secondsText(resume.seconds)}`,
    );
  }
  return { rows };
}

export const launcherTable = ({ rows }: LauncherResult): string =>
  table(
    [
      'pages',
      'time',
      'pages a second',
      'CPU a page',
      'peak memory',
      'lost',
      'resume, all done',
      'its peak memory',
    ],
    rows.map((row) => [
      ...[count(row.pages), secondsText(row.seconds), count(row.pagesPerSecond)],
      ...[`${row.cpuMsPerPage.toFixed(3)} ms`, mebibytes(row.peakBytes), String(row.lost)],
      ...[secondsText(row.resume.seconds), mebibytes(row.resume.peakBytes)],
    ]),
  );

/** Memory on the way of the longest run. */
export const samplesTable = ({ rows }: LauncherResult): string => {
  const longest = rows.at(-1);
  return table(
    [`pages done, of ${count(longest?.pages ?? 0)}`, 'launcher’s memory'],
    (longest?.samples ?? []).map(({ pages, bytes }) => [count(pages), mebibytes(bytes)]),
  );
};

async function measureSize(bench: Bench, { mix, input }: Prepared): Promise<LauncherRow> {
  const pages = mix.pages.length;
  const job = await emptyJob(bench, input);
  const start = (samples: readonly number[]): Promise<Measured> =>
    measure(bench, {
      command: warmCommand(bench, job),
      simulated: NO_WORK,
      limitSeconds: 60 + pages / 100,
      samples: { ledger: join(job.output, '.mgpu/ledger.ndjson'), at: samples },
    });
  const first = await start([1000, 10_000, 50_000, 99_000].filter((at) => at < pages));
  const lost = await lostPages(input, job.output, mix.pages);
  const second = await start([]);
  await removeJob(job);
  return {
    pages,
    seconds: first.seconds,
    pagesPerSecond: pages / first.seconds,
    cpuMsPerPage: (first.cpuSeconds * 1000) / pages,
    peakBytes: first.peakBytes,
    lost: lost.length,
    samples: first.samples,
    resume: { seconds: second.seconds, peakBytes: second.peakBytes, cpuSeconds: second.cpuSeconds },
  };
}
