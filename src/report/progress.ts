import type { RunEvent } from '../model/events.ts';
import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { plural, timeLeftText } from './format.ts';
import { RecentPages } from './recent-pages.ts';

/** What a slot is at, for a line on the terminal. */
export interface SlotState {
  readonly doing: 'idle' | 'loading' | 'page';
  /** Of one that is idle: the page that it has just left. */
  readonly page?: PageId;
  readonly stage?: string;
  /** When it began: milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Pages that a rate is made of at least, and one for each slot. */
const LEAST_PAGES = 8;

/** What a service refuses with for now. */
const REFUSAL_CODE = /\b(?:429|503|529)\b/;

/** How far a run is, from its events: numbers and one state a slot, whatever the number of pages. */
export class Progress {
  /** Pages to do; undefined until input and ledger are read. */
  todo: number | undefined;
  skipped = 0;
  done = 0;
  failed = 0;
  untranslated = 0;
  /** Slots that take pages, and those that have one still. */
  readonly slots = new Map<SlotId, SlotState>();
  /** When the wait for a service ends; undefined where nobody waits. */
  #serviceWait: { readonly untilMs: number; readonly code: string | undefined } | undefined;
  /** Pages that may begin a minute, where that is limited. */
  #mostPerMinute: number | undefined;
  /** When the run will end, as it was last foretold. */
  #endsMs: number | undefined;
  readonly #retired = new Set<SlotId>();
  #startedMs: number | undefined;
  /** When the first page was begun: before it, models load. */
  #beganMs: number | undefined;
  readonly #recent = new RecentPages();
  /** Pages with an image that may be their output, and the slots whose scripts wrote it. */
  readonly #written = new Map<PageId, SlotId>();

  /** Pages with an image that may be their output: `done` once it is known how the script names its outputs. */
  get written(): number {
    return this.#written.size;
  }

  get hasStarted(): boolean {
    return this.#startedMs !== undefined;
  }

  add(event: RunEvent): void {
    const atMs = Date.parse(event.time);
    switch (event.type) {
      case 'run-started':
        this.#startedMs = atMs;
        this.#mostPerMinute = limitIn(event.options);
        for (const slot of event.slots) this.#set(slot, { doing: 'idle', sinceMs: atMs });
        break;
      case 'slot-joined':
        this.#retired.delete(event.slot);
        this.#set(event.slot, { doing: 'idle', sinceMs: atMs });
        break;
      case 'slot-retired':
        this.#retired.add(event.slot);
        if (this.slots.get(event.slot)?.doing !== 'page') this.slots.delete(event.slot);
        break;
      case 'service-waiting':
        this.#serviceWait = {
          untilMs: atMs + event.seconds * 1000,
          code: REFUSAL_CODE.exec(event.message)?.[0],
        };
        break;
      case 'pages-found':
        this.todo = event.pages - event.skipped;
        this.skipped = event.skipped;
        break;
      case 'forecast':
        if (event.by !== 'rest') this.#endsMs = atMs + event.secondsLeft * 1000;
        break;
      case 'worker-started':
        this.#set(event.slot, { doing: 'loading', sinceMs: atMs });
        break;
      case 'worker-exited':
        // What was taken as an output has been told of.
        for (const [page, slot] of this.#written) if (slot === event.slot) this.#written.delete(page);
        this.#set(event.slot, { doing: 'idle', sinceMs: atMs });
        break;
      case 'worker-ready':
        this.#set(event.slot, { doing: 'idle', sinceMs: atMs });
        break;
      case 'page-started':
        this.#beganMs ??= atMs;
        this.#serviceWait = undefined;
        this.slots.set(event.slot, { doing: 'page', page: event.page, sinceMs: atMs });
        break;
      case 'page-retried':
        this.#leftPage(event.slot, event.page, atMs);
        break;
      case 'page-stage':
        this.#setStage(event.slot, event.stage);
        break;
      case 'page-written':
        if (!this.#written.has(event.page)) this.#recent.add(atMs, this.#leastPages);
        this.#written.set(event.page, event.slot);
        break;
      case 'page-finished':
        this.done += 1;
        if (event.outcome === 'failed') this.failed += 1;
        if (event.outcome === 'untranslated') this.untranslated += 1;
        if (event.slot !== undefined) this.#countForRate(event.slot, event.page, atMs);
        this.#written.delete(event.page);
        break;
    }
  }

  /** Pages a minute in the last minute, or since the run was started; undefined until there is something to go by. */
  pagesPerMinute(nowMs: number): number | undefined {
    return this.#rateSince(this.#startedMs, nowMs);
  }

  /**
   * Seconds until all is done, as the run has foretold it; where it has not, at the rate of lately without the time before the
   * first page. Undefined until that is known, and while the pages at work take far longer than those before.
   */
  secondsLeft(nowMs: number): number | undefined {
    const beganMs = this.#beganMs ?? this.#startedMs;
    const rate = this.#rateSince(beganMs, nowMs);
    if (this.#recent.isStalled(nowMs, { beganMs: beganMs ?? 0, least: this.#leastPages })) return undefined;
    if (this.#endsMs !== undefined && this.#endsMs > nowMs) return (this.#endsMs - nowMs) / 1000;
    if (this.todo === undefined || !rate || this.#recent.count < this.slots.size) return undefined;
    return (Math.max(0, this.todo - this.done - this.written) / rate) * 60;
  }

  #rateSince(beganMs: number | undefined, nowMs: number): number | undefined {
    return beganMs === undefined
      ? undefined
      : this.#recent.perMinute(nowMs, { beganMs, least: this.#leastPages });
  }

  get #leastPages(): number {
    return Math.max(LEAST_PAGES, this.slots.size);
  }

  /** Seconds until pages are begun again, where a service refuses for now, and the status that it gives. */
  serviceWait(nowMs: number): { readonly seconds: number; readonly code: string | undefined } | undefined {
    const wait = this.#serviceWait;
    return wait && wait.untilMs > nowMs
      ? { seconds: (wait.untilMs - nowMs) / 1000, code: wait.code }
      : undefined;
  }

  /** Pages that may begin a minute; undefined where that is not limited. */
  get mostPerMinute(): number | undefined {
    return this.#mostPerMinute;
  }

  #setStage(slot: SlotId, stage: string): void {
    const state = this.slots.get(slot);
    if (state?.doing === 'page') this.slots.set(slot, { ...state, stage });
  }

  #countForRate(slot: SlotId, page: PageId, atMs: number): void {
    if (!this.#written.has(page)) this.#recent.add(atMs, this.#leastPages);
    this.#leftPage(slot, page, atMs);
  }

  #leftPage(slot: SlotId, page: PageId, atMs: number): void {
    const isAtWork = this.slots.get(slot)?.page === page;
    if (isAtWork || this.#retired.has(slot)) this.#set(slot, { doing: 'idle', page, sinceMs: atMs });
  }

  /** One that is retired and has no page any more is none of the run's slots. */
  #set(slot: SlotId, state: SlotState): void {
    if (this.#retired.has(slot)) this.slots.delete(slot);
    else this.slots.set(slot, state);
  }
}

/**
 * `120/960 pages`, `30 written`, `12.5 %`, `2 failed`, `31.2 pages/min`, `about 27 min left`: those that are known. Where they don't fit into
 * `columns` with two spaces between them, those that can be spared most are missing.
 */
export function progressParts(
  progress: Progress,
  nowMs: number,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const { todo, done, failed, untranslated, written } = progress;
  const rate = progress.pagesPerMinute(nowMs);
  const left = progress.secondsLeft(nowMs);
  const wait = progress.serviceWait(nowMs);
  const most = progress.mostPerMinute === undefined ? '' : ` of ${progress.mostPerMinute}`;
  const percent =
    todo !== undefined && todo > 0
      ? `${(Math.floor(((done + written) / todo) * 1000) / 10).toFixed(1)} %`
      : '';
  const parts = [
    { need: 6, text: todo === undefined ? plural(done, 'page') : `${done}/${plural(todo, 'page')}` },
    { need: 4, text: written > 0 ? `${written} written` : '' },
    { need: 1, text: percent },
    { need: 4, text: failed > 0 ? `${failed} failed` : '' },
    { need: 2, text: untranslated > 0 ? `${untranslated} untranslated` : '' },
    { need: 3, text: rate === undefined ? '' : `${rate.toFixed(1)}${most} pages/min` },
    { need: 5, text: wait === undefined ? '' : waitText(wait) },
    { need: 5, text: left !== undefined && left > 0 ? timeLeftText(left) : '' },
  ].filter(({ text }) => text !== '');
  const textOf = (least: number): string[] =>
    parts.filter(({ need }) => need >= least).map(({ text }) => text);
  for (let least = 1; least < 6; least += 1) {
    if (textOf(least).join('  ').length <= columns) return textOf(least);
  }
  return textOf(6);
}

const waitText = ({ seconds, code }: NonNullable<ReturnType<Progress['serviceWait']>>): string =>
  `waiting ${Math.ceil(seconds)} s for the service${code === undefined ? '' : ` (${code})`}`;

const limitIn = ({ pagesPerMinute }: Readonly<Record<string, unknown>>): number | undefined =>
  typeof pagesPerMinute === 'number' ? pagesPerMinute : undefined;
