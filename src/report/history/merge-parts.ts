import { naturalSortPaths } from '../../pages/natural-order.ts';
import { type FolderSummaries, listFolders } from '../folder-tally.ts';
import { round3 } from '../format.ts';
import { mergeNotes } from '../page-notes.ts';
import type { FolderSummary, RunSummary } from '../run-summary.ts';

/** The last run of a part, as far as there is one. */
interface PartSummary {
  readonly index: number;
  readonly going: boolean;
  readonly summary?: RunSummary | undefined;
  /** Of its last run, all of them; missing where its events don't tell. */
  readonly folders?: FolderSummaries | undefined;
}

/** One summary of all parts of a job: counts are added up, times go from the first start to the last end. */
export function mergeParts(parts: readonly PartSummary[]): RunSummary & { gpus: PartGpu[] } {
  const there = parts.flatMap(({ summary }) => summary ?? []);
  const newest = there.reduce((last, one) => (one.run > last.run ? one : last), there[0] ?? NOTHING);
  const going = parts.filter((part) => part.going).flatMap(({ summary }) => summary ?? []);
  const finished = there.length > 0 && there.length === parts.length && there.every((one) => one.finished);
  const starts = there.flatMap(({ startedAt }) => (startedAt === undefined ? [] : Date.parse(startedAt)));
  const startMs = Math.min(...starts);
  const endMs = Math.max(
    ...there
      .map(({ startedAt, seconds }) => Date.parse(startedAt ?? '') + seconds * 1000)
      .filter(Number.isFinite),
  );
  const counts = { ...NOTHING.counts };
  for (const one of there)
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += one.counts[key];
  const waits = going.flatMap(({ secondsLeft }) => secondsLeft ?? []);
  const folders = mergeFolders(parts);
  const retired = there.flatMap((one) => one.retired ?? []);
  const stopped = there.find(({ message }) => message !== undefined);
  return {
    ...newest,
    finished,
    ...(starts.length > 0 && { startedAt: new Date(startMs).toISOString() }),
    seconds: starts.length > 0 ? round3((endMs - startMs) / 1000) : 0,
    counts,
    folders: folders?.folders,
    folderTotals: folders?.folderTotals,
    retries: sum(there, ({ retries }) => retries),
    pagesPerMinute: round3(sum(going.length > 0 ? going : there, ({ pagesPerMinute }) => pagesPerMinute)),
    secondsLeft: waits.length > 0 ? Math.max(...waits) : undefined,
    exitCode: finished ? Math.max(0, ...there.map(({ exitCode }) => exitCode ?? 0)) : null,
    message: stopped?.message,
    hint: stopped?.hint,
    gpus: parts.flatMap(({ index, summary }) =>
      (summary?.gpus ?? []).map((gpu) => ({ ...gpu, part: index })),
    ),
    unchanged: sum(there, ({ unchanged }) => unchanged),
    notes: mergeNotes(there),
    recovered: sum(there, ({ recovered = 0 }) => recovered) || undefined,
    originalsInPlace: sum(there, ({ originalsInPlace = 0 }) => originalsInPlace) || undefined,
    benched: there.flatMap(({ benched }) => benched),
    retired: retired.length > 0 ? retired : undefined,
    cost: sum(there, ({ cost = 0 }) => cost) || undefined,
    forecastSeconds: undefined,
    rest: undefined,
    saving: undefined,
  };
}

/** Pages of one folder may be dealt to any part: where one part is not known, no folder is. */
function mergeFolders(parts: readonly PartSummary[]): ReturnType<typeof listFolders> | undefined {
  const known = parts.flatMap(({ folders }) => folders ?? []);
  if (known.length === 0 || known.length < parts.length) return undefined;
  const merged = new Map<string, FolderSummary>();
  for (const one of known.flatMap(({ folders }) => folders)) {
    const sum = merged.get(one.folder);
    if (sum === undefined) merged.set(one.folder, { ...one });
    else {
      for (const key of ['pages', 'done', 'untranslated', 'failed', 'left'] as const) sum[key] += one[key];
      sum.complete &&= one.complete;
    }
  }
  const folders = naturalSortPaths([...merged.values()], ({ folder }) => folder);
  return listFolders({ folders, mayHaveMore: known.some(({ mayHaveMore }) => mayHaveMore) });
}

type PartGpu = RunSummary['gpus'][number] & { part: number };

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const NOTHING: RunSummary = {
  v: 1,
  run: '',
  finished: false,
  strategy: '',
  translator: '',
  seconds: 0,
  counts: { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 },
  retries: 0,
  pagesPerMinute: 0,
  exitCode: null,
  gpus: [],
  failures: [],
  untranslated: { count: 0, pages: [] },
  unchanged: 0,
  benched: [],
};
