import { basename } from 'node:path';
import type { Bench } from './bench.ts';
import { findPeers, type Launcher, type MissingLauncher, ourLaunchers } from './launchers.ts';
import { type Measured, measure, type Simulated } from './measure.ts';
import { bestSeconds, makeMix, SLOTS } from './mixes.ts';
import { breakPage, lostPages } from './page-files.ts';
import { isWanted } from './peers.ts';
import { emptyJob, limitFor, type Prepared, prepare, removeJob, unprepare } from './run-job.ts';
import { secondsText, table } from './table.ts';

const PAGES = 240;
const AREA = 0.45;
/** Of a page's time: while its output is half written. */
const SAVE_SHARE = 0.1;
const SLOW = { gpu: 3, times: 2 };

export interface FaultsResult {
  readonly pages: number;
  /** Without a fault nobody is faster; with the slow GPU nobody than the second figure. */
  readonly bestSeconds: number;
  readonly bestSecondsWithSlowGpu: number;
  readonly faults: readonly Fault[];
  readonly rows: readonly FaultRow[];
  readonly missing: readonly MissingLauncher[];
}

export interface Fault {
  readonly name: string;
  readonly about: string;
  /** Pages that nobody could have translated. */
  readonly hopeless: number;
}

export interface FaultRow {
  readonly launcher: string;
  readonly cells: Readonly<Record<string, FaultCell>>;
}

export interface FaultCell {
  /** Of both starts together, where there are two. */
  readonly seconds: number;
  readonly loads: number;
  readonly lost: number;
  /** Pages without a whole output while the exit code says that all is well. */
  readonly toldWrong: number;
  readonly exitCode: number | null;
  readonly ended: Measured['ended'];
}

const FAULTS = [
  { name: 'crash', about: 'one page ends the process that is at it, each time', hopeless: 1 },
  { name: 'broken', about: 'one image is cut short', hopeless: 1 },
  { name: 'slow', about: 'one GPU is half as fast as the others', hopeless: 0 },
  {
    name: 'kill',
    about: 'everything gets SIGKILL halfway, while a page is being written; then the same command again',
    hopeless: 0,
  },
] as const;

/** Every launcher with every fault. */
export async function measureFaults(bench: Bench): Promise<FaultsResult> {
  const { peers, missing } = await findPeers(bench);
  const launchers = [...ourLaunchers(bench), ...peers].filter((launcher) => isWanted(bench, launcher));
  // Of equal pages all workers would be at the same point of theirs when everything is killed.
  const mix = makeMix('manga', { pages: PAGES, area: AREA * bench.options.scale });
  const rows: FaultRow[] = [];
  for (const launcher of launchers) {
    const cells: Record<string, FaultCell> = {};
    for (const { name } of FAULTS) {
      const prepared = await prepare(bench, mix, 'faults');
      const cell = await measureFault(bench, launcher, { fault: name, prepared });
      await unprepare(prepared);
      cells[name] = cell;
      bench.say(`  ${launcher.name}, ${name}: ${cellText(cell)}`);
    }
    rows.push({ launcher: launcher.name, cells });
  }
  return {
    pages: PAGES,
    bestSeconds: bestSeconds(mix.pages),
    bestSecondsWithSlowGpu: bestSeconds(mix.pages, SLOTS - 1 + 1 / SLOW.times),
    faults: FAULTS,
    rows,
    missing,
  };
}

/** Time, pages lost, pages told wrong, a column a fault. */
export const faultsTable = ({ faults, rows }: FaultsResult): string =>
  table(
    ['time · lost · told wrong', ...faults.map(({ name }) => name)],
    rows.map(({ launcher, cells }) => [
      launcher,
      ...faults.map(({ name }) => {
        const cell = cells[name];
        return cell ? cellText(cell) : '';
      }),
    ]),
  );

const cellText = ({ ended, seconds, lost, toldWrong }: FaultCell): string =>
  `${ended === 'limit' ? 'hangs' : secondsText(seconds)} · ${lost} · ${toldWrong}`;

async function measureFault(
  bench: Bench,
  launcher: Launcher,
  { fault, prepared }: { readonly fault: (typeof FAULTS)[number]['name']; readonly prepared: Prepared },
): Promise<FaultCell> {
  const { mix, input } = prepared;
  const chosen = mix.pages[Math.floor(mix.pages.length * 0.45)];
  if (chosen === undefined) throw new Error('a mix without pages');
  if (fault === 'broken') await breakPage(input, chosen.id);
  const job = await emptyJob(bench, input);
  const start = (more: Simulated): Promise<Measured> =>
    measure(bench, {
      command: launcher.command(job),
      simulated: { saveShare: SAVE_SHARE, ...more },
      limitSeconds: limitFor(mix, bestSeconds(mix.pages)),
    });
  const starts =
    fault === 'kill'
      ? [await start({ killAt: basename(chosen.id) }), await start({})]
      : [await start(faultOf(fault, chosen.id))];
  // The output of a page that is cut is no translation, whatever it holds.
  const lost = await lostPages(input, job.output, mix.pages);
  await removeJob(job);
  const last = starts.at(-1);
  return {
    seconds: starts.reduce((sum, each) => sum + each.seconds, 0),
    loads: starts.reduce((sum, each) => sum + each.loads.length, 0),
    lost: lost.length,
    toldWrong: last?.exitCode === 0 ? lost.length : 0,
    exitCode: last?.exitCode ?? null,
    ended: last?.ended ?? 'itself',
  };
}

function faultOf(fault: 'crash' | 'broken' | 'slow', page: string): Simulated {
  switch (fault) {
    case 'crash':
      return { crash: basename(page) };
    case 'slow':
      return { slowGpu: SLOW };
    case 'broken':
      return {};
  }
}
