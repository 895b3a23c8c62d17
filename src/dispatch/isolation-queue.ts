import type { Page, PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import type { Failed } from './assignment.ts';
import { type Card, type Failure, nextTry } from './retry-policy.ts';

/** Pages that wait for a run of their own, because they are under suspicion or failed before, and what they met so far. */
export class IsolationQueue {
  readonly #retries: number;
  readonly #waiting = new Map<PageId, Page>();
  /** Pages that their slot runs next, before its others: its last child ended without a sign of life. */
  readonly #probes = new Map<SlotId, Page[]>();
  readonly #failures = new Map<PageId, readonly Failure[]>();
  #probing = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  get size(): number {
    return this.#waiting.size + this.#probing;
  }

  /** The page runs alone from now on: when others are done, or as the next thing on `probeOn`. */
  add(page: Page, probeOn?: SlotId): void {
    if (probeOn === undefined) {
      this.#waiting.set(page.id, page);
      return;
    }
    this.#probes.set(probeOn, [...(this.#probes.get(probeOn) ?? []), page]);
    this.#probing += 1;
  }

  /** The slot takes no more: what it was to try first waits for anybody. */
  release(slot: SlotId): void {
    for (const page of this.#probes.get(slot) ?? []) this.#waiting.set(page.id, page);
    this.#probing -= this.#probes.get(slot)?.length ?? 0;
    this.#probes.delete(slot);
  }

  /** The page that a slot has to try before all others. */
  takeProbe(slot: SlotId): Page | undefined {
    const page = this.#probes.get(slot)?.shift();
    if (page) this.#probing -= 1;
    return page;
  }

  /** The first page that may run on this card; `isFree`: nothing else is at work there. */
  take(
    gpu: number | null,
    { cards, isFree }: { cards: readonly Card[]; isFree: boolean },
  ): { page: Page; wantsCardAlone: boolean } | undefined {
    for (const page of this.#waiting.values()) {
      const next = nextTry(this.#failuresOf(page.id), this.#retries, cards);
      if (!next.again || !next.on.includes(gpu) || (next.alone && !isFree)) continue;
      this.#waiting.delete(page.id);
      return { page, wantsCardAlone: next.alone };
    }
    return undefined;
  }

  /** The page failed once more. `again`: it waits for another try. */
  failed(page: Page, failure: Failure, cards: readonly Card[]): { again: boolean; failed: Failed } {
    const failures = [...this.#failuresOf(page.id), failure];
    const { reason, message } = failure;
    const failed = { page, reason, message, attempts: failures.length };
    const { again } = nextTry(failures, this.#retries, cards);
    if (again) {
      this.#failures.set(page.id, failures);
      this.#waiting.set(page.id, page);
    } else this.#failures.delete(page.id);
    return { again, failed };
  }

  /** The page has its end. */
  forget(page: PageId): void {
    this.#failures.delete(page);
  }

  /** Which try of a page comes next, from 1. */
  attemptOf(page: PageId): number {
    return this.#failuresOf(page).length + 1;
  }

  /** True where a page that fails like this now would get another try. */
  mayTryAgain(page: PageId, now: Failure, cards: readonly Card[]): boolean {
    return nextTry([...this.#failuresOf(page), now], this.#retries, cards).again;
  }

  /** Takes out the pages that no card is left for, each as the failure that it is. */
  takeStranded(cards: readonly Card[]): Failed[] {
    const stranded = [...this.#waiting.values()].filter(
      (page) => cards.length === 0 || !nextTry(this.#failuresOf(page.id), this.#retries, cards).again,
    );
    for (const page of stranded) this.#waiting.delete(page.id);
    return stranded.map((page) => this.asStranded(page));
  }

  /** The page as failed, with what it met last; `not-tried` where it met nothing. */
  asStranded(page: Page): Failed {
    const failures = this.#failuresOf(page.id);
    const last = failures.at(-1);
    return {
      page,
      reason: last?.reason ?? 'not-tried',
      message: last?.message ?? 'no usable GPU was left for it',
      attempts: failures.length,
    };
  }

  #failuresOf(page: PageId): readonly Failure[] {
    return this.#failures.get(page) ?? [];
  }
}
