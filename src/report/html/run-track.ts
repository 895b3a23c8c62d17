import type { PageFinished, RunEvent, RunStarted, SlotDevice } from '../../model/events.ts';
import type { PageId } from '../../model/page.ts';
import type { SlotId } from '../../model/slot.ts';
import { shorten } from '../escape.ts';
import { packedText } from '../packing-lines.ts';
import { notesOf } from '../page-notes.ts';
import { gpuNamedBy } from '../slot-gpus.ts';
import type { ReportedMark, ReportedNotice } from './report-data.ts';
import { SampleTrack } from './sample-track.ts';

/** Retries and loads of a run that fails page after page. */
const MOST_SPANS = 20_000;
const MOST_MARKS = 1000;
const MOST_NOTICES = 200;
const NOTICE_CHARACTERS = 1000;

/** How a page ended in a run. Times are in milliseconds since 1970. */
export interface TrackedPage
  extends Pick<PageFinished, 'attempt' | 'outcome' | 'reason' | 'message' | 'seconds'> {
  readonly slot: SlotId | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly recovered: boolean;
  readonly notes: readonly string[];
}

/** A load, or a try that was repeated. */
export interface TrackedSpan {
  readonly kind: 'l' | 'r';
  readonly slot: SlotId;
  readonly startMs: number;
  readonly endMs: number;
  readonly page?: PageId;
  readonly message?: string;
}

type TrackedMark = Omit<ReportedMark, 'at' | 'span' | 'slot'> & {
  readonly atMs: number;
  readonly spanMs?: number;
  readonly slot?: SlotId;
};

/** A page that a slot was given and that has no outcome yet. */
interface OpenPage {
  readonly slot: SlotId;
  readonly sinceMs: number;
  /** When the slot's worker had begun another page, or was gone. */
  goneMs: number | undefined;
}

/** What one run's events say of its slots and pages over time. What it holds grows with the pages alone. */
export class RunTrack {
  readonly run: string;
  readonly part: number | undefined;
  started: RunStarted | undefined;
  startMs: number | undefined;
  lastMs = 0;
  readonly joinedGpus = new Map<number, RunStarted['gpus'][number]>();
  readonly slots = new Map<SlotId, Pick<SlotDevice, 'slot' | 'gpu'>>();
  readonly pages = new Map<PageId, TrackedPage>();
  /** Pages that it was to do: those without an end were left, also where it was killed. */
  readonly toDo = new Set<PageId>();
  readonly spans: TrackedSpan[] = [];
  moreSpans = 0;
  readonly marks: TrackedMark[] = [];
  readonly notices: (Omit<ReportedNotice, 'at'> & { readonly atMs: number })[] = [];
  readonly samples = new SampleTrack();
  readonly #loading = new Map<SlotId, number>();
  /** Pages that are at work: since when, and where. */
  readonly #open = new Map<PageId, OpenPage>();
  readonly #openOn = new Map<SlotId, PageId[]>();

  constructor(run: string, part: number | undefined) {
    this.run = run;
    this.part = part;
  }

  add(event: RunEvent): void {
    const atMs = Date.parse(event.time);
    this.startMs ??= atMs;
    this.lastMs = Math.max(this.lastMs, atMs);
    switch (event.type) {
      case 'run-started':
        this.started = event;
        for (const { slot, gpu } of event.slotDevices ?? []) this.slots.set(slot, { slot, gpu });
        for (const slot of event.slots)
          if (!this.slots.has(slot)) this.slots.set(slot, { slot, gpu: gpuNamedBy(slot) });
        break;
      case 'slot-joined':
        this.slots.set(event.slot, { slot: event.slot, gpu: event.gpu });
        this.#cardJoined(event);
        this.#mark({ kind: 'joined', atMs, slot: event.slot, text: event.why });
        break;
      case 'slot-retired':
        this.#mark({ kind: 'retired', atMs, slot: event.slot, text: event.why });
        break;
      case 'gpu-benched':
        this.#mark({ kind: 'benched', atMs, gpu: event.gpu, text: event.reason });
        break;
      case 'packing-changed':
        this.#mark({ kind: 'packing', atMs, gpu: event.gpu, text: packedText(event) });
        break;
      case 'service-waiting':
        this.#mark({ kind: 'waiting', atMs, spanMs: event.seconds * 1000, text: event.message });
        break;
      case 'worker-started':
        this.slots.set(event.slot, { slot: event.slot, gpu: event.gpu });
        this.#loading.set(event.slot, atMs);
        break;
      case 'worker-ready':
        this.#loaded(event.slot, atMs);
        break;
      case 'worker-exited': {
        this.#loaded(event.slot, atMs);
        this.#wentOn(event.slot, atMs);
        const end =
          event.signal ?? (event.exitCode === 0 ? undefined : `exit code ${event.exitCode ?? 'unknown'}`);
        if (end !== undefined) this.#mark({ kind: 'exited', atMs, slot: event.slot, text: end });
        break;
      }
      case 'page-started':
        this.#loaded(event.slot, atMs);
        this.#wentOn(event.slot, atMs);
        this.#open.set(event.page, { slot: event.slot, sinceMs: atMs, goneMs: undefined });
        this.#openOn.set(event.slot, [...(this.#openOn.get(event.slot) ?? []), event.page]);
        break;
      case 'page-retried': {
        const { slot, page, message } = event;
        const { sinceMs, goneMs } = this.#ended(page, slot) ?? { sinceMs: atMs, goneMs: undefined };
        this.#span({ kind: 'r', slot, startMs: sinceMs, endMs: goneMs ?? atMs, page, message });
        break;
      }
      case 'page-finished':
        this.#finished(event, atMs);
        break;
      case 'pages-to-do':
      case 'pages-left':
        for (const page of event.pages) this.toDo.add(page);
        break;
      case 'gpu-sampled':
        this.samples.add(event, atMs);
        break;
      case 'notice':
        if (this.notices.length < MOST_NOTICES)
          this.notices.push({ atMs, level: event.level, text: shorten(event.text, NOTICE_CHARACTERS) });
        break;
    }
  }

  /** Loads that have no end yet: of a run that is going, or was killed. */
  close(): void {
    for (const slot of this.#loading.keys()) this.#loaded(slot, this.lastMs);
  }

  #finished(event: PageFinished, atMs: number): void {
    const { page, slot, attempt, outcome, reason, message, seconds, recovered = false } = event;
    const open = this.#ended(page, slot);
    const sinceMs = open?.sinceMs ?? atMs - Math.min(seconds ?? 0, MOST_GUESSED_SECONDS) * 1000;
    // What failed may be told later: once it is known who is to blame.
    const endMs = (outcome === 'failed' ? open?.goneMs : undefined) ?? atMs;
    this.pages.set(page, {
      slot,
      attempt,
      outcome,
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      ...(seconds !== undefined && { seconds }),
      startMs: Math.max(this.startMs ?? atMs, Math.min(sinceMs, endMs)),
      endMs,
      recovered,
      notes: notesOf(event),
    });
  }

  /** The page's time on that slot; undefined where nothing says when it began. */
  #ended(page: PageId, slot: SlotId | undefined): OpenPage | undefined {
    const open = this.#open.get(page);
    if (open === undefined || open.slot !== slot) return undefined;
    this.#open.delete(page);
    return open;
  }

  /** The slot's worker has begun another page, or is gone. */
  #wentOn(slot: SlotId, atMs: number): void {
    const pages = this.#openOn.get(slot);
    if (pages === undefined) return;
    this.#openOn.delete(slot);
    for (const page of pages) {
      const open = this.#open.get(page);
      if (open?.slot === slot) open.goneMs ??= atMs;
    }
  }

  /** GPUs that the run did not know at its start: those of a cluster. */
  #cardJoined({
    gpu: index,
    gpuName: name,
    memoryTotalBytes,
  }: RunEvent & { readonly type: 'slot-joined' }): void {
    if (index === null || (name === undefined && memoryTotalBytes === undefined)) return;
    this.joinedGpus.set(index, {
      index,
      ...(name !== undefined && { name }),
      ...(memoryTotalBytes !== undefined && { memoryTotalBytes }),
    });
  }

  #loaded(slot: SlotId, atMs: number): void {
    const startMs = this.#loading.get(slot);
    if (startMs === undefined) return;
    this.#loading.delete(slot);
    this.#span({ kind: 'l', slot, startMs, endMs: atMs });
  }

  #span(span: TrackedSpan): void {
    if (this.spans.length < MOST_SPANS) this.spans.push(span);
    else this.moreSpans += 1;
  }

  #mark(mark: TrackedMark): void {
    if (this.marks.length < MOST_MARKS) this.marks.push(mark);
  }
}

const MOST_GUESSED_SECONDS = 24 * 3600;

/** The part that a run is of, where it is one. */
export const ofPart = ({ part }: Pick<RunTrack, 'part'>): { readonly part?: number } =>
  part === undefined ? {} : { part };
