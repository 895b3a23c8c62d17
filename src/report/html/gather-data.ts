import path from 'node:path';
import { naturalSort } from '../../pages/natural-order.ts';
import type { Ledgers } from '../../store/ledger/ledger.ts';
import { partOfRun } from '../../store/runs.ts';
import { hintFor } from '../hints.ts';
import { readReport } from '../history/make-report.ts';
import { linkToFolder } from './links.ts';
import { inReportOrder, type KnownPage, MessageTable, pageColumns, type SlotAt } from './page-columns.ts';
import { pageLogs } from './page-logs.ts';
import type { ReportData, ReportedGpu, ReportedMachine, ReportedSlot } from './report-data.ts';
import { ofPart, RunTrack } from './run-track.ts';
import { trackColumns } from './track-columns.ts';

const SAID_IN_LOGS: ReadonlySet<string> = new Set(['crash', 'error', 'no-output', 'bad-output']);

/** What a report is made of. */
export interface GatherSetup {
  /** The output folder; absolute. */
  readonly output: string;
  /** The folder that the report will be in; absolute. */
  readonly folder: string;
  readonly nowMs: number;
  /** A run that has ended and holds its lock still. */
  readonly ended?: string | undefined;
  /** Takes secrets out: version 0.1.0 left some in messages. */
  readonly redact: (text: string) => string;
}

/** What there is to tell of an output. */
export interface Gathered {
  readonly data: ReportData;
  /** In the order of the columns. */
  readonly pages: readonly KnownPage[];
  readonly ledgers: Ledgers;
  /** The folder that ids are relative to, where a run said it. */
  readonly inputRoot: string | undefined;
}

/**
 * Reads all that the HTML report shows: ledgers, events, and the logs around failures. Writes nothing.
 * @throws as `makeReport`
 */
export async function gatherData(setup: GatherSetup): Promise<Gathered> {
  const { output, folder, nowMs, ended, redact } = setup;
  const tracks: RunTrack[] = [];
  const { report, ledgers } = await readReport(output, {
    nowMs,
    ended,
    listen: (run) => {
      const track = new RunTrack(run, partOfRun(run)?.index);
      tracks.push(track);
      return (event) => track.add(event);
    },
  });
  for (const track of tracks) track.close();
  const starts = tracks.flatMap(({ startMs }) => startMs ?? []);
  const startMs = starts.length > 0 ? Math.min(...starts) : nowMs;
  const { slots, slotAt } = slotsOf(tracks);
  const pages = inReportOrder(knownPages(ledgers, tracks));
  const messages = new MessageTable(redact);
  const columns = pageColumns(pages, { startMs, messages, slotAt });
  const { failures, untranslated: _untranslated, parts: _parts, ...short } = report;
  const inputRoot = tracks.find(({ started }) => started?.inputRoot !== undefined)?.started?.inputRoot;
  const data: ReportData = {
    v: 1,
    madeMs: nowMs,
    startMs,
    report: {
      ...short,
      ...(short.message !== undefined && { message: redact(short.message) }),
      benched: short.benched.map((one) => ({ ...one, reason: redact(one.reason) })),
    },
    links: {
      output: linkToFolder(folder, output),
      ...(inputRoot !== undefined && { input: linkToFolder(folder, inputRoot) }),
    },
    hints: Object.fromEntries(
      failures.flatMap(({ reason, pages: of }) => {
        // The page itself shows what the workers said.
        const hint = SAID_IN_LOGS.has(reason) ? undefined : hintFor(reason, of, output);
        return hint === undefined ? [] : [[reason, hint]];
      }),
    ),
    options: tracks[0]?.started?.options ?? {},
    machines: tracks.flatMap(machineOf),
    gpus: tracks.flatMap(gpusOf),
    slots,
    pages: columns,
    ...trackColumns(tracks, { startMs, slotAt, messages, pages }),
    logs: await pageLogs(pages, { state: path.join(output, '.mgpu'), redact }),
  };
  return { data, pages, ledgers, inputRoot };
}

/** Slots of all runs; two parts may have slots of one name. */
function slotsOf(tracks: readonly RunTrack[]): {
  readonly slots: readonly ReportedSlot[];
  readonly slotAt: SlotAt;
} {
  const slots: ReportedSlot[] = [];
  const places = new Map<RunTrack, Map<string, number>>();
  for (const track of tracks) {
    const own = new Map<string, number>();
    places.set(track, own);
    const ordered = naturalSort([...track.slots.values()], ({ slot }) => slot);
    for (const slot of ordered) own.set(slot.slot, slots.push({ ...slot, ...ofPart(track) }) - 1);
  }
  return {
    slots,
    slotAt: (track, slot) => (slot === undefined ? undefined : places.get(track)?.get(slot)) ?? -1,
  };
}

function knownPages({ pages }: Ledgers, tracks: readonly RunTrack[]): KnownPage[] {
  const known = new Map<string, KnownPage>();
  for (const [id, line] of pages) known.set(id, { id, line });
  const knownOf = (id: string): KnownPage => {
    const page = known.get(id) ?? { id };
    known.set(id, page);
    return page;
  };
  for (const track of tracks) {
    for (const id of track.toDo) knownOf(id);
    for (const [id, tracked] of track.pages) Object.assign(knownOf(id), { tracked, track });
  }
  return [...known.values()];
}

function machineOf(track: RunTrack): ReportedMachine[] {
  const machine = track.started?.machine;
  return machine === undefined ? [] : [{ ...machine, ...ofPart(track) }];
}

const gpusOf = (track: RunTrack): ReportedGpu[] =>
  [...(track.started?.gpus ?? []), ...track.joinedGpus.values()].map(({ index, name, memoryTotalBytes }) => ({
    index,
    ...(name !== undefined && { name }),
    ...(memoryTotalBytes !== undefined && { memoryTotalBytes }),
    ...ofPart(track),
  }));
