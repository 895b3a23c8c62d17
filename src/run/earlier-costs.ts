import type { PageId } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import { gpuNamedBy } from '../report/slot-gpus.ts';
import { Costs, type KnownCosts } from '../schedule/costs.ts';
import { readCosts } from '../store/costs/costs-file.ts';
import type { Ledgers } from '../store/ledger/ledger.ts';
import type { LedgerLine } from '../store/ledger/ledger-line.ts';
import { areOfDemo } from '../store/ledger/options-hash.ts';
import { costsKey } from './costs-key.ts';
import type { ResolvedRun } from './resolve-run.ts';

/** Pages of earlier runs that are learned from; more would tell the same. */
const SAMPLED_PAGES = 400;
/** Below this share of the median, a page's seconds are no measurement: version 0.1.0 wrote zeros for some scripts' pages. */
const LEAST_SHARE = 0.01;
/** From so many pages on this output's own tell more than those of other outputs. */
const ENOUGH_PAGES = 20;

/** What seconds are predicted from. */
export interface MeasuredBefore {
  readonly pages: number;
  /** False where only the seconds of a page were known, not its pixels. */
  readonly byPixels: boolean;
  /** True where the pages were made with other options than this run's. */
  readonly otherOptions: boolean;
}

/** What earlier runs tell of the costs of pages; without `measured` they tell nothing of their seconds. */
export interface EarlierCosts {
  readonly costs: Costs;
  readonly measured?: MeasuredBefore;
}

/** Of what run, and what earlier ones left. */
export interface EarlierSetup {
  readonly resolved: Pick<ResolvedRun, 'shaping' | 'optionsHash' | 'translator' | 'slots'>;
  readonly options: Pick<RunOptions, 'workersPerGpu'>;
  readonly ledgers: Pick<Ledgers, 'pages' | 'optionsByHash'>;
  readonly env: NodeJS.ProcessEnv;
  /** Pixels of pages whose lines don't tell them; missing: these pages count without. */
  readonly pixelsOf?: (pages: readonly PageId[]) => Promise<readonly (number | undefined)[]>;
}

/**
 * Costs as they are known before the first page: from this output's own ledgers, else from what this user's other runs have
 * shown, else from pages that were made with other options.
 */
export async function earlierCosts(setup: EarlierSetup): Promise<EarlierCosts> {
  const { resolved, options, env } = setup;
  const kept = await readCosts(env, costsKey(resolved, options));
  const { same, others } = timedLines(setup);
  const known = [...(kept?.values() ?? [])].flatMap(({ seconds }) => seconds);
  const isKnown = known.length > 0;
  if (same.length >= ENOUGH_PAGES || (same.length > 0 && !isKnown))
    return learned(setup, { lines: same, kept: loadsOf(kept), otherOptions: false });
  if (kept && isKnown) {
    const byPixels = known.some(({ megapixels }) => megapixels !== undefined);
    const measured = { pages: known.length, byPixels, otherOptions: false };
    return { costs: withSlots(new Costs({ known: kept }), resolved.slots), measured };
  }
  if (others.length > 0) return learned(setup, { lines: others, kept: loadsOf(kept), otherOptions: true });
  return { costs: withSlots(new Costs(kept && { known: kept }), resolved.slots) };
}

/** Costs that have seen the pages of these lines as if they were this run's. */
async function learned(
  { resolved, pixelsOf }: EarlierSetup,
  {
    lines,
    kept,
    otherOptions,
  }: { lines: readonly LedgerLine[]; kept: KnownCosts | undefined; otherOptions: boolean },
): Promise<EarlierCosts> {
  const changed = lines.filter(({ unchanged }) => !unchanged);
  // A translator that gave up was quick.
  const sample = measured(spread(changed.length > 0 ? changed : lines, SAMPLED_PAGES));
  const costs = withSlots(new Costs(kept && { known: kept }), resolved.slots);
  const unsized = sample.filter(({ width, height }) => !width || !height).map(({ page }) => page);
  const pixels = (await pixelsOf?.(unsized)) ?? [];
  const probed = new Map(unsized.map((page, at) => [page, pixels[at]]));
  const slotOf = slotsInTurn(resolved.slots);
  let byPixels = false;
  for (const line of sample) {
    const { page, width = 0, height = 0 } = line;
    const count = width * height || probed.get(page);
    if (count === undefined) continue;
    costs.sized(page, count);
    byPixels = true;
  }
  for (const line of sample) {
    if (byPixels && costs.pixelsOf(line.page) === undefined) continue;
    costs.worked(slotOf(line), line.page, line.seconds ?? 0);
  }
  return { costs, measured: { pages: costs.timed, byPixels, otherOptions } };
}

const withSlots = (costs: Costs, slots: readonly Slot[]): Costs => {
  for (const slot of slots) costs.join(slot);
  return costs;
};

/** What is kept without its seconds: those of this output tell more. */
const loadsOf = (kept: KnownCosts | undefined): KnownCosts | undefined =>
  kept && new Map([...kept].map(([model, { bytes, loads }]) => [model, { seconds: [], bytes, loads }]));

/** The slot of a line's GPU, one after the other; one of its own where the run has none there. */
function slotsInTurn(slots: readonly Slot[]): (line: LedgerLine) => string {
  const turns = new Map<number | null, number>();
  return ({ slot = '', gpu: told }) => {
    const gpu = told === undefined ? gpuNamedBy(slot) : told;
    const there = slots.filter((one) => (one.gpu?.index ?? null) === gpu);
    const turn = turns.get(gpu) ?? 0;
    turns.set(gpu, turn + 1);
    return there[turn % Math.max(1, there.length)]?.id ?? '';
  };
}

/** Lines of timed pages, by whether they have this run's options; what the demo took tells nothing of a translator. */
function timedLines({
  ledgers: { pages, optionsByHash },
  resolved: { optionsHash, shaping },
}: EarlierSetup): {
  readonly same: readonly LedgerLine[];
  readonly others: readonly LedgerLine[];
} {
  const [same, others]: [LedgerLine[], LedgerLine[]] = [[], []];
  const isDemo = areOfDemo(shaping);
  for (const line of pages.values()) {
    if (!line.seconds || line.slot === undefined) continue;
    if (line.options === optionsHash) same.push(line);
    else if (isDemo || !areOfDemo(optionsByHash.get(line.options))) others.push(line);
  }
  return { same, others };
}

function measured(timed: readonly LedgerLine[]): LedgerLine[] {
  const ascending = Float64Array.from(timed, ({ seconds = 0 }) => seconds).sort();
  const least = (ascending[ascending.length >> 1] ?? 0) * LEAST_SHARE;
  return timed.filter(({ seconds = 0 }) => seconds >= least);
}

/** At most `count` of the items, from all over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, at) => Math.floor(at * step)).flatMap(
    (at) => items[at] ?? [],
  );
}
