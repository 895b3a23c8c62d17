import path from 'node:path';
import type { PageId } from '../model/page.ts';
import type { Inspector } from '../pages/inspector.ts';
import { gpuNamedBy } from '../report/slot-gpus.ts';
import type { Ledgers } from '../store/ledger/ledger.ts';
import type { LedgerLine } from '../store/ledger/ledger-line.ts';
import { areOfDemo } from '../store/ledger/options-hash.ts';

/** Pages that are looked at to learn what a pixel costs; more would tell the same. */
const SAMPLED_PAGES = 400;
/** Below this share of the median, a page's seconds are no measurement: version 0.1.0 wrote zeros for some scripts' pages. */
const LEAST_SHARE = 0.01;
/** A GPU has a speed of its own from so many pages on. */
const LEAST_PAGES_A_GPU = 5;

/** What earlier runs tell of the time that pages take. */
export interface PageSeconds {
  /** Pages it was learnt from. */
  readonly sampled: number;
  /** False where only the seconds of a page were known, not its pixels. */
  readonly byPixels: boolean;
  /** True where the pages were made with other options than this run's. */
  readonly otherOptions: boolean;
  /** Predicted seconds of a page; `pixels` is undefined where its size can't be read. */
  of(pixels: number | undefined, gpu: number | null): number;
}

/** Where earlier runs' pages are found. */
interface EarlierPages {
  readonly lines: Iterable<LedgerLine>;
  readonly optionsHash: string;
  /** Input root: sources stand there under their ids. */
  readonly root: string;
  readonly inspector: Inspector;
}

interface Sum {
  pages: number;
  pixels: number;
  seconds: number;
}

/**
 * Learns from the ledger; undefined where no page was ever timed. Pages made with this run's options are preferred, and of
 * these the ones whose output is not their source again: a translator that gave up was quick.
 */
export async function learnPageSeconds({
  lines,
  optionsHash,
  root,
  inspector,
}: EarlierPages): Promise<PageSeconds | undefined> {
  const timed = [...lines].filter(({ seconds = 0, slot }) => seconds > 0 && slot !== undefined);
  const same = timed.filter(({ options }) => options === optionsHash);
  const alike = measured(same.length > 0 ? same : timed);
  const changed = alike.filter(({ unchanged }) => !unchanged);
  const sample = spread(changed.length > 0 ? changed : alike, SAMPLED_PAGES);
  if (sample.length === 0) return undefined;
  const pixels = await pixelsOf(
    sample.map(({ page }) => page),
    root,
    inspector,
  );
  const byPixels = pixels.some((count) => count !== undefined);
  const all: Sum = { pages: 0, pixels: 0, seconds: 0 };
  const byGpu = new Map<number | null, Sum>();
  for (const [at, { seconds = 0, slot = '', gpu: told }] of sample.entries()) {
    const count = pixels[at];
    if (byPixels && count === undefined) continue;
    const gpu = told === undefined ? gpuNamedBy(slot) : told;
    const own = byGpu.get(gpu) ?? { pages: 0, pixels: 0, seconds: 0 };
    byGpu.set(gpu, own);
    for (const sum of [all, own]) {
      sum.pages += 1;
      sum.pixels += count ?? 0;
      sum.seconds += seconds;
    }
  }
  return {
    sampled: all.pages,
    byPixels,
    otherOptions: same.length === 0,
    of: (count, gpu) => {
      const own = byGpu.get(gpu);
      const { pages, pixels: measured, seconds } = own && own.pages >= LEAST_PAGES_A_GPU ? own : all;
      return byPixels && count !== undefined ? (count * seconds) / measured : seconds / pages;
    },
  };
}

function measured(timed: readonly LedgerLine[]): LedgerLine[] {
  const ascending = Float64Array.from(timed, ({ seconds = 0 }) => seconds).sort();
  const least = (ascending[ascending.length >> 1] ?? 0) * LEAST_SHARE;
  return timed.filter(({ seconds = 0 }) => seconds >= least);
}

async function pixelsOf(
  pages: readonly PageId[],
  root: string,
  inspector: Inspector,
): Promise<(number | undefined)[]> {
  const jobs = pages.map((page) => ({ path: path.join(root, page) }));
  const found = await inspector.probe(jobs, { measure: true });
  return found.map((page) => (page.ok && page.size ? page.size.width * page.size.height : undefined));
}

/** At most `count` of the items, from all over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, at) => Math.floor(at * step)).flatMap(
    (at) => items[at] ?? [],
  );
}

/** The lines to learn from: what the demo took tells nothing of a translator. */
export function linesOfUse(
  { pages, optionsByHash }: Ledgers,
  shaping: Readonly<Record<string, unknown>>,
): readonly LedgerLine[] {
  const lines = [...pages.values()];
  return areOfDemo(shaping) ? lines : lines.filter(({ options }) => !areOfDemo(optionsByHash.get(options)));
}
