import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type Bench, HERE } from './bench.ts';
import { type Job, warmCommand } from './launchers.ts';
import { equalPagesOf } from './mixes.ts';
import { writePages } from './page-files.ts';
import { type Prepared, prepare, runJob, unprepare } from './run-job.ts';
import { median, secondsText, table } from './table.ts';

const SLOW_DISK = resolve(HERE, '../../test/fixtures/slow_disk.c');
const OPEN_MS = 60;
const MB_A_SECOND = 10;
const PAGES = 480;
const PAGE_SECONDS = 1;
const PAGE_BYTES = 2_000_000;
/** Runs that are compared take turns, so that what else the machine does meets all of them. */
const PAIRS = 3;
/** What a slow disk may cost with copies made ahead. */
const MOST_LOSS = 0.02;

export interface StagingResult {
  readonly rows: readonly StagingRow[];
}

/** One kind of input with one `--stage`. */
export interface StagingRow {
  readonly input: string;
  readonly stage: string;
  /** Of each run, in their order. */
  readonly seconds: readonly number[];
  readonly lost: number;
}

const CASES = [
  { input: 'local', stage: 'off' },
  { input: 'local', stage: 'auto' },
  { input: 'slow', stage: 'off' },
  { input: 'slow', stage: 'auto' },
  { input: 'slow', stage: 'on' },
] as const;

/** Runs over pages on a local disk and on one that answers late, with and without copies ahead of the workers. Needs a C compiler. */
export async function measureStaging(bench: Bench): Promise<StagingResult> {
  const library = join(bench.scratch, 'slow_disk.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SLOW_DISK, '-ldl']);
  const { scale, quick } = bench.options;
  const pages = Math.max(24, Math.round((quick ? PAGES / 4 : PAGES) * scale));
  const prepared = await prepare(bench, equalPagesOf(PAGE_SECONDS, pages));
  await writePages(prepared.input, prepared.mix.pages, PAGE_BYTES);
  const rows = CASES.map((each) => ({ ...each, seconds: [] as number[], lost: 0 }));
  for (let turn = 1; turn <= (quick ? 1 : PAIRS); turn += 1) {
    for (const row of rows) {
      const slow = row.input === 'slow' ? slowInput(library, prepared) : [];
      const result = await runJob(bench, prepared, {
        command: (job: Job) => [...slow, ...warmCommand(bench, job, '--stage', row.stage)],
      });
      row.seconds.push(result.seconds);
      row.lost += result.lost;
      bench.say(`  ${row.input}, --stage ${row.stage}: ${secondsText(result.seconds)}`);
    }
  }
  await unprepare(prepared);
  return { rows };
}

/** Words before a command whose input answers late. */
const slowInput = (library: string, { input }: Prepared): string[] => [
  ...['env', `LD_PRELOAD=${library}`, 'UV_USE_IO_URING=0', `SLOW_DISK=${input}/`],
  ...[`SLOW_OPEN_MS=${OPEN_MS}`, `SLOW_MB_A_SECOND=${MB_A_SECOND}`],
];

export const stagingText = (): string =>
  `Pages of ${PAGE_BYTES / 1e6} MB and ${PAGE_SECONDS} s on eight workers. *slow* is an input of which each open takes ${OPEN_MS} ms, and of ` +
  `which each file is read at ${MB_A_SECOND} MB/s (a preloaded library). Medians of ${PAIRS}.`;

/** The times, and what each costs beside the local disk without copies. */
export function stagingTable({ rows }: StagingResult): string {
  const [local] = rows;
  const base = median(local?.seconds ?? []);
  return table(
    ['input', '--stage', 'median time', 'beside local, off', 'at most', 'lost'],
    rows.map(({ input, stage, seconds, lost }, at) => [
      ...[input, stage, secondsText(median(seconds)), percent(median(seconds) / base - 1)],
      ...[at === 0 || (input === 'slow' && stage === 'off') ? '' : percent(MOST_LOSS), String(lost)],
    ]),
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
