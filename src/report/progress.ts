import type { RunEvent } from '../model/events.ts';
import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { plural, timeLeftText } from './format.ts';

/** What a slot is at, for a line on the terminal. */
export interface SlotState {
  readonly doing: 'idle' | 'loading' | 'page';
  readonly page?: PageId;
  readonly stage?: string;
  /** When it began: milliseconds since 1970. */
  readonly sinceMs: number;
}

/** The rate is taken over this many pages: long enough to be calm, short enough to follow a lost GPU. */
const WINDOW_PAGES = 128;

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
  #waitsUntilMs: number | undefined;
  readonly #retired = new Set<SlotId>();
  #beganMs: number | undefined;
  #finishedMs: number[] = [];

  add(event: RunEvent): void {
    const atMs = Date.parse(event.time);
    switch (event.type) {
      case 'run-started':
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
        this.#waitsUntilMs = atMs + event.seconds * 1000;
        break;
      case 'pages-found':
        this.todo = event.pages - event.skipped;
        this.skipped = event.skipped;
        break;
      case 'worker-started':
        this.#set(event.slot, { doing: 'loading', sinceMs: atMs });
        break;
      case 'worker-ready':
      case 'worker-exited':
        this.#set(event.slot, { doing: 'idle', sinceMs: atMs });
        break;
      case 'page-started':
        this.#beganMs ??= atMs;
        this.#waitsUntilMs = undefined;
        this.slots.set(event.slot, { doing: 'page', page: event.page, sinceMs: atMs });
        break;
      case 'page-retried':
        this.#leftPage(event.slot, event.page, atMs);
        break;
      case 'page-stage':
        this.#setStage(event.slot, event.stage);
        break;
      case 'page-finished':
        this.done += 1;
        if (event.outcome === 'failed') this.failed += 1;
        if (event.outcome === 'untranslated') this.untranslated += 1;
        if (event.slot !== undefined) this.#countForRate(event.slot, event.page, atMs);
        break;
    }
  }

  /** Pages a minute lately; undefined until there is something to go by. */
  pagesPerMinute(nowMs: number): number | undefined {
    const [first] = this.#finishedMs;
    if (first === undefined || this.#finishedMs.length < 2) return undefined;
    const full = this.#finishedMs.length === WINDOW_PAGES || this.#beganMs === undefined;
    const count = full ? this.#finishedMs.length - 1 : this.#finishedMs.length;
    const spanMs = nowMs - (full ? first : (this.#beganMs ?? first));
    return spanMs > 0 ? (count * 60_000) / spanMs : undefined;
  }

  /** Seconds until all is done at the rate of lately; undefined until that is known. */
  secondsLeft(nowMs: number): number | undefined {
    const rate = this.pagesPerMinute(nowMs);
    if (this.todo === undefined || rate === undefined || this.#finishedMs.length < this.slots.size)
      return undefined;
    return (Math.max(0, this.todo - this.done) / rate) * 60;
  }

  /** Seconds until pages are begun again, where a service refuses for now. */
  serviceWait(nowMs: number): number | undefined {
    return this.#waitsUntilMs !== undefined && this.#waitsUntilMs > nowMs
      ? (this.#waitsUntilMs - nowMs) / 1000
      : undefined;
  }

  #setStage(slot: SlotId, stage: string): void {
    const state = this.slots.get(slot);
    if (state?.doing === 'page') this.slots.set(slot, { ...state, stage });
  }

  #countForRate(slot: SlotId, page: PageId, atMs: number): void {
    this.#finishedMs.push(atMs);
    if (this.#finishedMs.length > WINDOW_PAGES) this.#finishedMs.shift();
    this.#leftPage(slot, page, atMs);
  }

  #leftPage(slot: SlotId, page: PageId, atMs: number): void {
    const isAtWork = this.slots.get(slot)?.page === page;
    if (isAtWork || this.#retired.has(slot)) this.#set(slot, { doing: 'idle', sinceMs: atMs });
  }

  /** One that is retired and has no page any more is none of the run's slots. */
  #set(slot: SlotId, state: SlotState): void {
    if (this.#retired.has(slot)) this.slots.delete(slot);
    else this.slots.set(slot, state);
  }
}

/** `120/960 pages`, `12.5 %`, `2 failed`, `31.2 pages/min`, `about 27 min left`: those that are known. */
export function progressParts(progress: Progress, nowMs: number): string[] {
  const { todo, done, failed, untranslated } = progress;
  const rate = progress.pagesPerMinute(nowMs);
  const left = progress.secondsLeft(nowMs);
  const wait = progress.serviceWait(nowMs);
  const parts = [todo === undefined ? plural(done, 'page') : `${done}/${plural(todo, 'page')}`];
  if (todo !== undefined && todo > 0) parts.push(`${(Math.floor((done / todo) * 1000) / 10).toFixed(1)} %`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (untranslated > 0) parts.push(`${untranslated} untranslated`);
  if (rate !== undefined) parts.push(`${rate.toFixed(1)} pages/min`);
  if (wait !== undefined) parts.push(`waiting ${Math.ceil(wait)} s for the service`);
  if (left !== undefined && left > 0) parts.push(timeLeftText(left));
  return parts;
}
