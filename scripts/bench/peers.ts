import type { Bench } from './bench.ts';
import { findPeers, type Launcher, type MissingLauncher, ourLaunchers } from './launchers.ts';
import {
  LOAD_SECONDS,
  MIX_NAMES,
  type Mix,
  makeMix,
  NS_PER_PIXEL,
  SLOTS,
  secondsOf,
  tinyMix,
} from './mixes.ts';
import { type JobResult, prepare, runJob, unprepare } from './run-job.ts';
import { count, ratio, table } from './table.ts';

const PAGES = 960;
const TINY_PAGES = 20_000;
const QUICK = { pages: 240, area: 0.5 };
const QUICK_MIXES = ['equal', 'manga'];

export interface PeersResult {
  readonly mixes: readonly { readonly name: string; readonly about: string; readonly pages: number }[];
  readonly rows: readonly PeerRow[];
  readonly missing: readonly MissingLauncher[];
}

export interface PeerRow {
  readonly launcher: string;
  readonly ours: boolean;
  readonly warm: boolean;
  readonly about: string;
  /** By the mix's name. */
  readonly cells: Readonly<Record<string, JobResult>>;
}

/** Every launcher over every mix, one after the other. */
export async function measurePeers(bench: Bench): Promise<PeersResult> {
  const { peers, missing } = await findPeers(bench);
  const launchers = [...ourLaunchers(bench), ...peers].filter((launcher) => isWanted(bench, launcher));
  for (const { name, missing: why } of missing) bench.say(`missing: ${name}: ${why}`);
  const mixes = mixesFor(bench);
  const cells = new Map<string, Record<string, JobResult>>(launchers.map(({ name }) => [name, {}]));
  for (const mix of mixes) {
    bench.say(`${mix.name}: ${mix.pages.length} pages, ${mix.about}`);
    const prepared = await prepare(bench, mix);
    for (const launcher of launchers) {
      const result = await runJob(bench, prepared, {
        command: (job) => launcher.command(job),
        ...(mix.name === 'tiny' && { simulated: { loadSeconds: 0, nsPerPixel: 0 } }),
      });
      Object.assign(cells.get(launcher.name) ?? {}, { [mix.name]: result });
      bench.say(
        `  ${launcher.name}: ${cellText(mix.name, result)}, ${result.loads} loads, ${result.lost} lost`,
      );
    }
    await unprepare(prepared);
  }
  const rows = launchers.map(({ name, ours, warm, about }) => ({
    ...{ launcher: name, ours, warm, about },
    cells: cells.get(name) ?? {},
  }));
  return {
    mixes: mixes.map(({ name, about, pages }) => ({ name, about, pages: pages.length })),
    rows,
    missing,
  };
}

/** One row a launcher, one column a mix. */
export const peersTable = ({ mixes, rows }: PeersResult): string =>
  table(
    ['best possible / time', ...mixes.map(({ name }) => (name === 'tiny' ? 'tiny, pages/s' : name))],
    rows.map(({ launcher, cells }) => [launcher, ...mixes.map(({ name }) => cellText(name, cells[name]))]),
  );

/** The warm ones from the start of their first worker on: what is left when start-up is taken away. */
export const fromStartTable = ({ mixes, rows }: PeersResult): string => {
  const shown = mixes.filter(({ name }) => name !== 'tiny');
  return table(
    ['from the first worker on', ...shown.map(({ name }) => name)],
    rows
      .filter((row) => row.warm)
      .map(({ launcher, cells }) => [
        launcher,
        ...shown.map(({ name }) => {
          const cell = cells[name];
          return cell ? ratio(cell.efficiencyFromStart) : '';
        }),
      ]),
  );
};

export const loadsTable = ({ mixes, rows }: PeersResult): string =>
  table(
    ['model loads (pages lost)', ...mixes.map(({ name }) => name)],
    rows.map(({ launcher, cells }) => [
      launcher,
      ...mixes.map(({ name }) => {
        const cell = cells[name];
        return cell ? `${cell.loads} (${cell.lost})` : '';
      }),
    ]),
  );

/** What ours have to reach: of the best possible on each mix, pages a second on the tiny one. */
const AIMS = { warm: 0.98, oneShot: 0.85, tinyPagesPerSecond: 2000 };

/** Where ours reach what they have to, and where they don't. */
export function aimsText({ rows, mixes }: PeersResult): string {
  const missed = rows
    .filter(({ ours }) => ours)
    .flatMap(({ launcher, warm, cells }) =>
      mixes.flatMap(({ name }) => {
        const cell = cells[name];
        if (cell === undefined || (name === 'tiny' && !warm)) return [];
        const isReached =
          name === 'tiny'
            ? cell.pagesPerSecond >= AIMS.tinyPagesPerSecond
            : cell.efficiency >= (warm ? AIMS.warm : AIMS.oneShot);
        return isReached ? [] : [`${launcher} on ${name} (${cellText(name, cell)})`];
      }),
    );
  const aims = `warm at least ${ratio(AIMS.warm)} and ${count(AIMS.tinyPagesPerSecond)} tiny pages a second, one-shot at least ${ratio(AIMS.oneShot)}`;
  return `Aims of ours: ${aims}; ${missed.length === 0 ? 'all reached' : `missed: ${missed.join(', ')}`}.`;
}

/** What the figures rest on, in one sentence. */
export const settingText = (): string =>
  `${SLOTS} simulated GPUs, ${LOAD_SECONDS} s to load, ${NS_PER_PIXEL} ns a pixel: ` +
  `${ratio(secondsOf(makeMix('equal', { pages: 1, area: 1 }).pages[0] ?? { width: 0, height: 0 }))} s for an equal page`;

function mixesFor(bench: Bench): Mix[] {
  const { quick, scale, mixes } = bench.options;
  const size = quick ? { ...QUICK, area: QUICK.area * scale } : { pages: PAGES, area: scale };
  const names = mixes ?? (quick ? QUICK_MIXES : [...MIX_NAMES, 'tiny']);
  return names.map((name) =>
    name === 'tiny' ? tinyMix(Math.round(TINY_PAGES * scale)) : makeMix(name, size),
  );
}

export const isWanted = (bench: Bench, { name, quick }: Launcher): boolean =>
  (quick || !bench.options.quick) && (bench.options.launchers?.some((word) => name.includes(word)) ?? true);

function cellText(mix: string, cell: JobResult | undefined): string {
  if (cell === undefined) return '';
  if (cell.ended === 'limit') return 'hangs';
  // Fast and incomplete is no figure.
  if (cell.lost > 0) return `${count(cell.lost)} lost`;
  return mix === 'tiny' ? count(cell.pagesPerSecond) : ratio(cell.efficiency);
}
