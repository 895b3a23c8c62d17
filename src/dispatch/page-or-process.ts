import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { tellsBrokenContext } from '../translators/broken-context.ts';
import { withoutParticulars } from '../workers/last-words.ts';
import type { PageFailure } from './assignment.ts';

/** Two controls are worth their loads in any run. */
const FREE_CONTROLS = 2;
/** Of the time of all workers, as much may go into further ones. */
const CONTROLS_SHARE = 0.1;

/** So many failures of one process with the same words are worth a control whatever it costs: these words are told apart then. */
const ENOUGH_ALIKE = 5;

/** Whether a failure is held against its page, and what becomes of the process that told it. */
export type Blame =
  /** It counts as a try of the page. */
  | { readonly by: 'page'; readonly replaceProcess: boolean }
  /** It says nothing of the page, which comes again; the process is not trusted any more. */
  | { readonly by: 'process' }
  /** Nobody knows: the page is tried at once in a fresh process. */
  | { readonly by: 'unknown' };

interface Control {
  readonly failure: PageFailure;
  readonly sinceMs: number;
}

/**
 * Tells the failures of a page from those of its process. The first failure of a streak counts. From the second one on the
 * process is replaced and that page tried again at once, as a control; what that shows holds for the rest of the run.
 */
export class PageOrProcess {
  readonly #workerMs: () => number;
  /** Words that pages fail with whatever process has them, and words of processes that fail with whatever page. */
  readonly #ofPages = new Map<string, 'likely' | 'sure'>();
  readonly #ofProcesses = new Set<string>();
  readonly #controls = new Map<PageId, Control>();
  /** The words of the last failure on each slot, and how often they came in a row. */
  readonly #streaks = new Map<SlotId, { readonly words: string; readonly times: number }>();
  #controlsDone = 0;
  #controlMs = 0;

  /** @param workerMs milliseconds that the slots together have been there */
  constructor(workerMs: () => number) {
    this.#workerMs = workerMs;
  }

  /** Judges a failure that was no control. `mayControl`: a fresh process may be started for it here. */
  judge(slot: SlotId, failure: PageFailure, { mayControl }: { readonly mayControl: boolean }): Blame {
    const { reason, message, streak, isOwn } = failure;
    const words = withoutParticulars(message);
    const alike = this.#alikeInRow(slot, words, streak);
    if (isOwn || reason === 'unreadable' || this.#ofPages.get(words) === 'sure') return PAGES_OWN;
    // The page that taught it may have broken its process with these words.
    if (this.#ofPages.has(words)) return alike >= ENOUGH_ALIKE && mayControl ? UNKNOWN : PAGES_OWN;
    const isBroken = tellsBrokenContext([message]) || this.#ofProcesses.has(words);
    if (isBroken) return streak > 1 ? { by: 'process' } : { by: 'page', replaceProcess: true };
    if (streak > 1 && mayControl && (this.#mayAfford() || alike >= ENOUGH_ALIKE)) return UNKNOWN;
    return PAGES_OWN;
  }

  /** The page is tried again at once: whatever it ends with tells who was to blame. */
  beginControl(failure: PageFailure, nowMs: number): void {
    this.#controls.set(failure.page.id, { failure, sinceMs: nowMs });
  }

  /** True for words that pages fail with whatever process has them. */
  isPagesOwn(message: string): boolean {
    return this.#ofPages.has(withoutParticulars(message));
  }

  /** The control came to nothing that tells of either. */
  endControl(page: PageId): void {
    this.#controls.delete(page);
  }

  /** The control's page is done: its failure before was the process's. */
  wentWell(page: PageId, nowMs: number): void {
    const control = this.#end(page, nowMs);
    if (!control) return;
    const words = withoutParticulars(control.failure.message);
    this.#ofPages.delete(words);
    this.#ofProcesses.add(words);
  }

  /** The control failed too: returns the failure before it, which counts now. */
  failedAgain({ page, message, isFresh }: PageFailure, nowMs: number): PageFailure | undefined {
    const control = this.#end(page.id, nowMs);
    // It came to nothing, and this is another process that others have had.
    if (!isFresh) return undefined;
    const words = withoutParticulars(message);
    // Whatever runs out of memory does so with the same words: that says nothing of the next page.
    const isLesson = control && control.failure.reason !== 'oom';
    if (isLesson && withoutParticulars(control.failure.message) === words)
      this.#ofPages.set(words, this.#ofPages.has(words) ? 'sure' : 'likely');
    return control?.failure;
  }

  #end(page: PageId, nowMs: number): Control | undefined {
    const control = this.#controls.get(page);
    if (!control) return undefined;
    this.#controls.delete(page);
    this.#controlsDone += 1;
    this.#controlMs += nowMs - control.sinceMs;
    return control;
  }

  /** How many failures of a streak, up to this one, had the same words. */
  #alikeInRow(slot: SlotId, words: string, streak: number): number {
    const before = streak > 1 ? this.#streaks.get(slot) : undefined;
    const times = before?.words === words ? before.times + 1 : 1;
    this.#streaks.set(slot, { words, times });
    return times;
  }

  #mayAfford(): boolean {
    const started = this.#controlsDone + this.#controls.size;
    if (started < FREE_CONTROLS) return true;
    const each = this.#controlMs / Math.max(1, this.#controlsDone);
    return this.#controlMs + (this.#controls.size + 1) * each <= CONTROLS_SHARE * this.#workerMs();
  }
}

const UNKNOWN: Blame = { by: 'unknown' };
const PAGES_OWN: Blame = { by: 'page', replaceProcess: false };
