import { hundredths, type KnownPage, type MessageTable, type SlotAt } from './page-columns.ts';
import type { GpuSamples, ReportData, ReportedMark, ReportedNotice, SpanColumns } from './report-data.ts';
import { ofPart, type RunTrack } from './run-track.ts';

/** What columns of several runs need. */
interface TrackSetup {
  /** What times count from. */
  readonly startMs: number;
  readonly slotAt: SlotAt;
  readonly messages: MessageTable;
  /** In the order of the page columns. */
  readonly pages: readonly KnownPage[];
}

type FromTracks = Pick<ReportData, 'spans' | 'marks' | 'samples' | 'notices'>;

/** What slots and GPUs did over time, of all runs together. */
export function trackColumns(tracks: readonly RunTrack[], setup: TrackSetup): FromTracks {
  return {
    spans: spansOf(tracks, setup),
    marks: tracks.flatMap((track) => marksOf(track, setup)),
    samples: tracks.flatMap((track) => samplesOf(track, setup)),
    notices: tracks.flatMap((track) => noticesOf(track, setup)),
  };
}

function spansOf(tracks: readonly RunTrack[], { startMs, slotAt, messages, pages }: TrackSetup): SpanColumns {
  const tried = new Set(tracks.flatMap(({ spans }) => spans.flatMap(({ page }) => page ?? [])));
  const places = new Map(pages.flatMap(({ id }, at) => (tried.has(id) ? [[id, at] as const] : [])));
  const columns = {
    slot: [] as number[],
    start: [] as number[],
    span: [] as number[],
    page: [] as number[],
    message: [] as number[],
  };
  let kind = '';
  for (const track of tracks) {
    for (const span of track.spans) {
      kind += span.kind;
      columns.slot.push(slotAt(track, span.slot));
      columns.start.push(hundredths(span.startMs - startMs));
      columns.span.push(hundredths(span.endMs - span.startMs));
      columns.page.push((span.page === undefined ? undefined : places.get(span.page)) ?? -1);
      columns.message.push(messages.placeOf(span.message) ?? -1);
    }
  }
  return { ...columns, kind, more: tracks.reduce((sum, { moreSpans }) => sum + moreSpans, 0) };
}

const marksOf = (track: RunTrack, { startMs, slotAt }: TrackSetup): ReportedMark[] =>
  track.marks.map(({ atMs, spanMs, slot, ...mark }) => ({
    ...mark,
    at: hundredths(atMs - startMs),
    ...(spanMs !== undefined && { span: hundredths(spanMs) }),
    ...(slot !== undefined && { slot: slotAt(track, slot) }),
    ...ofPart(track),
  }));

const samplesOf = (track: RunTrack, { startMs }: TrackSetup): GpuSamples[] =>
  Array.from(track.samples.means(), ({ gpu, samples }) => ({
    gpu,
    ...ofPart(track),
    at: samples.map(({ atMs }) => hundredths(atMs - startMs)),
    busy: samples.map(({ busy }) => Math.round(busy * 100)),
    memory: samples.map(({ memoryBytes }) => Math.round(memoryBytes / 1e6)),
  }));

const noticesOf = (track: RunTrack, { startMs }: TrackSetup): ReportedNotice[] =>
  track.notices.map(({ atMs, level, text }) => ({ at: hundredths(atMs - startMs), level, text }));
