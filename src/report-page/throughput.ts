import type { ReportData } from '../report/html/report-data.ts';
import type { PageTable } from './page-table.ts';

const BINS = 120;
const SHORTEST_BIN_SECONDS = 1;

/** Pages a minute over time, of pages that slots finished; `at`: the middle of each bin, in seconds since the start. */
export function throughput(
  { report }: Pick<ReportData, 'report'>,
  pages: PageTable,
): { readonly at: number[]; readonly perMinute: number[] } {
  const ends: number[] = [];
  for (let at = 0; at < pages.length; at += 1) {
    const span = pages.span(at);
    if (span && pages.slot(at) >= 0) ends.push(span.end);
  }
  if (ends.length < 2) return { at: [], perMinute: [] };
  const last = ends.reduce((latest, end) => Math.max(latest, end), report.seconds);
  // With few pages narrow bins would show single ones.
  const bins = Math.max(
    4,
    Math.min(BINS, Math.ceil(ends.length / 4), Math.floor(last / SHORTEST_BIN_SECONDS)),
  );
  const width = last / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const end of ends) {
    const bin = Math.min(bins - 1, Math.floor(end / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    at: counts.map((_, bin) => (bin + 0.5) * width),
    perMinute: counts.map((pagesInBin) => (pagesInBin * 60) / width),
  };
}
