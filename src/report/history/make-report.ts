import path from 'node:path';
import type { PageFinished, RunEvent } from '../../model/events.ts';
import { isGood } from '../../model/outcome.ts';
import { shownOutput } from '../../model/page.ts';
import { type Ledgers, ledgerName, partOfLedger, readLedgers } from '../../store/ledger/ledger.ts';
import type { LedgerLine } from '../../store/ledger/ledger-line.ts';
import { type FoundLock, findLocks } from '../../store/lock/lock.ts';
import { lookAtProcesses } from '../../store/lock/process-identity.ts';
import { listRuns, partOfRun } from '../../store/runs.ts';
import type { FolderSummaries } from '../folder-tally.ts';
import { round3 } from '../format.ts';
import { Progress } from '../progress.ts';
import type { PartReport, RunReport } from '../report-schema.ts';
import type { ReportedPage } from '../reported-page.ts';
import type { RunSummary } from '../run-summary.ts';
import { SummaryBuilder } from '../summary.ts';
import { withLastAtWork } from './last-at-work.ts';
import { mergeParts } from './merge-parts.ts';
import { pageNotes } from './page-notes.ts';
import { pagesLeft } from './pages-left.ts';
import { readEvents } from './read-events.ts';
import { stateOf } from './state-of-report.ts';

/** How a report is made. */
interface ReportSetup {
  readonly nowMs: number;
  /** A run that has ended and holds its lock still. */
  readonly ended?: string | undefined;
  /** Gives who hears each event of a run that the report tells of; a run of an earlier time has none. */
  readonly listen?: ((run: string) => (event: RunEvent) => void) | undefined;
}

/**
 * Tells what runs did in an output, from what they left in its `.mgpu`, also while one is at it. Writes nothing.
 * @throws Refusal (2) where no run ever wrote there, (3) where a ledger can't be read
 */
export async function makeReport(output: string, setup: ReportSetup): Promise<RunReport> {
  return (await readReport(output, setup)).report;
}

/** As `makeReport`, with the ledgers that it was made from. */
export async function readReport(
  output: string,
  { nowMs, ended, listen }: ReportSetup,
): Promise<{ readonly report: RunReport; readonly ledgers: Ledgers }> {
  const state = await stateOf(output);
  const [ledgers, locks, runs] = await Promise.all([
    readLedgers(state),
    lookAtProcesses().then((processes) => findLocks(state, nowMs, processes)),
    listRuns(path.join(state, 'runs')),
  ]);
  const held = locks.filter((lock) => lock.state === 'held' && (!ended || lock.holder?.run !== ended));
  const source = { output, state, nowMs, held, listen };
  const last = ended ?? held[0]?.holder?.run ?? runs.at(-1);
  const of = last === undefined ? partsOfLedgers(ledgers) : partOfRun(last)?.of;
  const told =
    of === undefined
      ? await withLastAtWork(
          await wholeRun(last, source),
          runs,
          async (run) => (await summaryOf(run, { ...source, listen: undefined }))?.summary,
        )
      : await allParts(of, { runs, ledgers: new Set(ledgers.files), source });
  return { report: { ...told, ...ofLedger(ledgers, told) }, ledgers };
}

/** Each page of an output, with its last outcome, and those that the last run left. Throws as `makeReport` does. */
export async function allPages(output: string): Promise<ReportedPage[]> {
  const state = await stateOf(output);
  const runs = path.join(state, 'runs');
  const [{ pages }, left, notes] = await Promise.all([readLedgers(state), pagesLeft(runs), pageNotes(runs)]);
  const ended = Array.from(pages.values(), (line) => {
    const noted = notes.get(line.page);
    // Notes on an output that another has replaced since are no longer true.
    return { ...pageOf(line), ...(noted && noted.time >= line.time && { notes: noted.notes }) };
  });
  return [
    ...ended,
    ...left
      .filter((page) => !pages.has(page))
      .map((page): ReportedPage => ({ page, attempt: 0, outcome: 'left' })),
  ];
}

interface Source extends Pick<ReportSetup, 'nowMs' | 'listen'> {
  readonly output: string;
  readonly state: string;
  readonly held: readonly FoundLock[];
}

type Told = Omit<RunReport, 'ledger'>;

async function wholeRun(run: string | undefined, source: Source): Promise<Told> {
  const found = run === undefined ? undefined : (await summaryOf(run, source))?.summary;
  const lock = source.held.find(({ holder }) => holder?.run === run) ?? source.held[0];
  const summary = found ?? mergeParts([]);
  return {
    ...summary,
    state: summary.finished ? 'finished' : lock ? 'going' : 'killed',
    ...holderOf(lock),
    paths: pathsOf(source, run),
  };
}

async function allParts(
  of: number,
  { runs, ledgers, source }: { runs: readonly string[]; ledgers: ReadonlySet<string>; source: Source },
): Promise<Told> {
  const lastRuns = new Map<number | undefined, string>();
  for (const run of runs) {
    const part = partOfRun(run);
    if (part?.of === of) lastRuns.set(part.index, run);
  }
  const parts: PartReport[] = [];
  const folders: (FolderSummaries | undefined)[] = [];
  for (let index = 1; index <= of; index += 1) {
    const lock = source.held.find(({ holder }) => holder?.part?.index === index && holder.part.of === of);
    const run = lock?.holder?.run ?? lastRuns.get(index);
    const found = run === undefined ? undefined : await summaryOf(run, source);
    const summary = found?.summary;
    folders.push(found?.folders);
    const began = run !== undefined || ledgers.has(ledgerName({ index, of }));
    const state = lock ? 'going' : !began ? 'missing' : summary?.finished ? 'finished' : 'killed';
    parts.push({ index, of, state, ...holderOf(lock), ...(summary && { summary }) });
  }
  const merged = mergeParts(
    parts.map(({ index, state, summary }, at) => ({
      index,
      going: state === 'going',
      summary,
      folders: folders[at],
    })),
  );
  const missing = parts.filter(({ state }) => state === 'missing').map(({ index }) => index);
  const isGoing = parts.some(({ state }) => state === 'going');
  return {
    ...merged,
    state: merged.finished ? 'finished' : isGoing ? 'going' : missing.length > 0 ? 'missing' : 'killed',
    paths: pathsOf(source, undefined, of),
    parts,
    missingParts: missing,
  };
}

/** The summary of one run's events, and all of its folders; undefined where none are left of it. */
async function summaryOf(
  run: string,
  source: Source,
): Promise<{ summary: RunSummary; folders: FolderSummaries | undefined } | undefined> {
  const builder = new SummaryBuilder();
  const isHeld = source.held.some(({ holder }) => holder?.run === run);
  const progress = isHeld ? new Progress() : undefined;
  const hear = source.listen?.(run);
  let events = 0;
  for await (const some of readEvents(path.join(source.state, 'runs', run, 'events.ndjson'))) {
    events += some.length;
    for (const event of some) {
      builder.add(event);
      progress?.add(event);
      hear?.(event);
    }
  }
  if (events === 0) return undefined;
  const { secondsLeft, ...summary } = builder.summary({ paths: pathsOf(source, run, partOfRun(run)?.of) });
  const folders = builder.allFolders();
  if (!progress || summary.finished) return { summary, folders };
  const left = progress.secondsLeft(source.nowMs) ?? secondsLeft;
  const going = {
    ...summary,
    pagesPerMinute: round3(progress.pagesPerMinute(source.nowMs) ?? summary.pagesPerMinute),
    ...(left !== undefined && { secondsLeft: round3(left) }),
  };
  return { summary: going, folders };
}

const pathsOf = (
  { output, state }: Source,
  run: string | undefined,
  of?: number,
): NonNullable<RunSummary['paths']> => ({
  output,
  logs: run === undefined ? path.join(state, 'runs') : path.join(state, 'runs', run, 'logs'),
  ledger: path.join(state, of === undefined ? ledgerName() : `ledger.*-of-${of}.ndjson`),
});

const holderOf = (lock: FoundLock | undefined): Pick<RunReport, 'holder'> =>
  lock?.holder ? { holder: { host: lock.holder.host, pid: lock.holder.pid, since: lock.holder.since } } : {};

const pageOf = ({ output, seconds, standIn, ...line }: LedgerLine): PageFinished => ({
  ...line,
  ...(standIn && line.outcome === 'failed' && { originalInPlace: true }),
  ...(seconds !== undefined && { seconds: round3(seconds) }),
  ...(output && { output: shownOutput(output.path) }),
});

function ofLedger(
  { pages, broken }: Ledgers,
  last: Told,
): Pick<RunReport, 'ledger' | 'failures' | 'untranslated' | 'unchanged' | 'originalsInPlace'> {
  const outcomes = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
  const told = new SummaryBuilder();
  let adopted = 0;
  for (const line of pages.values()) {
    outcomes[line.outcome] += 1;
    if (line.adopted) adopted += 1;
    if (!isGood(line.outcome) || line.unchanged) told.add({ ...pageOf(line), time: line.time });
  }
  const { failures, untranslated, unchanged, originalsInPlace } = told.summary();
  addLogs([...failures, untranslated], [...last.failures, last.untranslated]);
  return {
    ledger: { pages: pages.size, outcomes, adopted, broken },
    failures,
    untranslated,
    unchanged,
    originalsInPlace,
  };
}

/** The ledger does not say which run tried a page last: the logs of those that the last run tried are known. */
function addLogs(lists: readonly Listed[], ofLastRun: readonly Listed[]): void {
  const logs = new Map(ofLastRun.flatMap(({ pages }) => pages.map(({ page, log }) => [page, log] as const)));
  for (const page of lists.flatMap(({ pages }) => pages)) {
    const log = logs.get(page.page);
    if (log !== undefined) page.log = log;
  }
}

type Listed = RunReport['untranslated'];

/** Where no run's folder is left, the names of the ledgers tell how many parts there were. */
function partsOfLedgers({ files }: Ledgers): number | undefined {
  if (files.includes(ledgerName())) return undefined;
  const part = partOfLedger(files.at(-1) ?? '');
  return part === undefined || part === 'whole' ? undefined : part.of;
}
