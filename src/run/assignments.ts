import type { Slot, SlotId } from '../gpus/gpu.ts';
import type { FailureReason } from '../outcome.ts';
import type { Page, PageId } from '../pages/page.ts';
import type { Schedule } from '../schedule/strategy.ts';
import { GpuHealth } from './gpu-health.ts';
import { type Card, type Failure, nextTry } from './retry-policy.ts';
import { type BatchEvidence, suspectsOf } from './suspects.ts';

/** What a slot is to do next. */
export interface Work {
  readonly pages: readonly Page[];
  /** A page by itself: how it ends counts for the page. */
  readonly alone: boolean;
  /** Which try this is, from 1. */
  readonly attempt: number;
}

/** A page that waits for a run of its own: under suspicion, or failed before. */
interface Lone {
  readonly page: Page;
  /** The slot that runs it next, before its other pages: its last child ended without a sign of life. */
  readonly probeOn?: SlotId;
}

/** A page that failed and gets no other try. */
export interface Failed {
  readonly page: Page;
  readonly reason: FailureReason;
  readonly message: string;
  readonly attempts: number;
}

/** What follows from the end of a worker. */
export interface Consequences {
  readonly failed: readonly Failed[];
  /** Pages that get another try, with the failure that they met. */
  readonly retried: readonly Failed[];
  readonly benched: readonly (number | null)[];
}

/** How a worker ended that had left pages undone. */
export interface LostWorker {
  /** It named no page and wrote no output. */
  readonly withoutSign: boolean;
  readonly lastWords: string;
}

interface BusyWork extends Work {
  /** It waited for a run of its own; else it came from the schedule. */
  readonly fromLone: boolean;
  /** It is to tell whether the page or the slot made the child before it end without a sign. */
  readonly isProbe: boolean;
  readonly wantsCardAlone: boolean;
  hadCardAlone: boolean;
}

/** So many pages a slot are not handed out ahead: near the end none may wait behind a slow worker. */
const RESERVED_PAGES = 2;

const NOTHING: Consequences = { failed: [], retried: [], benched: [] };

/**
 * Who works on what: the schedule's pages, then the ones that must run alone, until each is finished or has failed. Knows
 * nothing of processes; a slot asks, works, and says how it went.
 */
export class Assignments {
  readonly #schedule: Schedule;
  readonly #slots: readonly Slot[];
  readonly #retries: number;
  readonly #mayShareBatch: (pages: readonly Page[]) => readonly Page[];
  readonly #health: GpuHealth;
  readonly #failures = new Map<PageId, Failure[]>();
  readonly #lone = new Map<PageId, Lone>();
  readonly #busy = new Map<SlotId, BusyWork>();
  /** Pages that lie ready with a worker that is busy with another. */
  readonly #ahead = new Map<SlotId, Page>();
  /** The most pages of a slot's next batch, after a child of it died without a sign. */
  readonly #caps = new Map<SlotId, number>();
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor({
    schedule,
    slots,
    retries,
    mayShareBatch,
  }: {
    schedule: Schedule;
    slots: readonly Slot[];
    retries: number;
    /** Those of the pages that can be in one batch, in order; the first is always one of them. */
    mayShareBatch: (pages: readonly Page[]) => readonly Page[];
  }) {
    this.#schedule = schedule;
    this.#slots = slots;
    this.#retries = retries;
    this.#mayShareBatch = mayShareBatch;
    this.#health = new GpuHealth(slots.map(({ id }) => id));
  }

  /** The next work for a slot, as soon as there is some; undefined when there will be none. `idle`: it has to wait. */
  async next(slot: Slot, limit?: number, idle?: () => void): Promise<Work | undefined> {
    for (;;) {
      if (this.#closed || this.#health.isBenched(slot.gpu?.index ?? null)) return undefined;
      const work = this.#mayStart(slot) ? this.#pick(slot, limit) : undefined;
      if (work) return work;
      const { complete, waiting } = this.#schedule;
      if (complete && waiting === 0 && this.#busy.size + this.#ahead.size + this.#lone.size === 0) {
        this.#wakeAll();
        return undefined;
      }
      const woken = new Promise<void>((resolve) => this.#waiting.push(resolve));
      idle?.();
      await woken;
    }
  }

  /** A worker of the slot came to its first page so many seconds after its start. */
  loaded(slot: Slot, seconds: number): void {
    this.#schedule.loaded(slot.id, seconds);
  }

  /** Something changed outside: pages were added to the schedule. */
  wake(): void {
    this.#wakeAll();
  }

  /** No slot gets any more work. */
  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  /** A page is done and recorded. Returns the GPUs that are benched because they lost workers on it. */
  finished(slot: Slot, page: PageId, seconds?: number): readonly (number | null)[] {
    this.#failures.delete(page);
    this.#schedule.finished(slot.id, page, seconds);
    const benched = this.#health.finished(slot.gpu?.index ?? null, page);
    this.#retireBenched();
    // Other slots may have held back because nothing had worked so far.
    this.#wakeAll();
    return benched;
  }

  /** The worker of a batch of several pages ended, with or without all of them done. */
  batchEnded(slot: Slot, evidence: BatchEvidence, lost: LostWorker | undefined): Consequences {
    this.#busy.delete(slot.id);
    const { suspects, back } = lost ? suspectsOf(evidence) : { suspects: [], back: undone(evidence) };
    for (const page of suspects) {
      this.#lone.set(page.id, { page, ...(lost?.withoutSign && { probeOn: slot.id }) });
    }
    this.#schedule.giveBack(slot.id, back);
    this.#caps.delete(slot.id);
    if (!lost) return this.#done(NOTHING);
    const gpu = slot.gpu?.index ?? null;
    if (evidence.finished.length === 0) {
      const page = lost.withoutSign ? undefined : suspects[0]?.id;
      this.#health.lost({ slot: slot.id, gpu, page, lastWords: lost.lastWords });
    }
    if (!lost.withoutSign) return this.#done(NOTHING);
    this.#caps.set(slot.id, Math.max(1, Math.ceil(back.length / 2)));
    return this.#done({ ...NOTHING, benched: this.#strike(gpu) });
  }

  /** A page that ran alone failed. */
  loneFailed(
    slot: Slot,
    page: Page,
    { reason, message, lost }: { reason: FailureReason; message: string; lost?: LostWorker },
  ): Consequences {
    const { hadCardAlone = true, isProbe = false } = this.#busy.get(slot.id) ?? {};
    this.#busy.delete(slot.id);
    const gpu = slot.gpu?.index ?? null;
    if (lost) {
      const before = lost.withoutSign ? undefined : page.id;
      // A probe that ends like the child before it says no more than that one: two bad first pages are not the end.
      if (before !== undefined || !isProbe)
        this.#health.lost({ slot: slot.id, gpu, page: before, lastWords: lost.lastWords });
      if (before === undefined) this.#health.blame(gpu, page.id);
    }
    return this.#failed(page, { gpu, reason, message, hadCardAlone });
  }

  /** A page failed in a batch whose program told so and went on: that was a try, and the batch is still at work. */
  toldFailed(
    slot: Slot,
    page: Page,
    { reason, message }: { reason: FailureReason; message: string },
  ): Consequences {
    const hadCardAlone = this.#busy.get(slot.id)?.hadCardAlone ?? true;
    return this.#failed(page, { gpu: slot.gpu?.index ?? null, reason, message, hadCardAlone });
  }

  /** The slot's work is over without a verdict on any page: it was stopped, or its pages never reached a child. */
  handedBack(slot: Slot, pages: readonly Page[]): void {
    this.#takeBack(slot, pages);
    this.#wakeAll();
  }

  /** A warm worker was lost before it was ready: its page was never begun, and the GPU gets a strike. */
  startFailed(slot: Slot, page: Page, { lastWords }: Pick<LostWorker, 'lastWords'>): Consequences {
    const gpu = slot.gpu?.index ?? null;
    this.#takeBack(slot, [page]);
    this.#health.lost({ slot: slot.id, gpu, page: undefined, lastWords });
    return this.#done({ ...NOTHING, benched: this.#strike(gpu) });
  }

  /**
   * A page for a warm worker to find when it is done with the one it has; undefined near the end, where it could wait
   * behind a slow worker while another one is idle.
   */
  takeAhead(slot: Slot): Page | undefined {
    if (this.#closed || this.#health.isBenched(slot.gpu?.index ?? null)) return undefined;
    if (this.#schedule.waiting <= this.#slots.length * RESERVED_PAGES) return undefined;
    if (this.#neighbours(slot).some((other) => this.#busy.get(other.id)?.wantsCardAlone)) return undefined;
    const [page] = this.#schedule.take(slot.id, 1) ?? [];
    if (page) this.#ahead.set(slot.id, page);
    return page;
  }

  /** The page before is done: the one that was sent ahead is what the slot works on now. */
  aheadBegins(slot: Slot): void {
    const page = this.#ahead.get(slot.id);
    this.#ahead.delete(slot.id);
    if (page) this.#begin(slot, [page], { alone: true, wantsCardAlone: false });
  }

  /** The page that was sent ahead was not begun. With `pages` empty it has its end already. */
  aheadHandedBack(slot: Slot, pages?: readonly Page[]): void {
    const page = this.#ahead.get(slot.id);
    this.#ahead.delete(slot.id);
    if (page) this.#schedule.giveBack(slot.id, pages ?? [page]);
    this.#wakeAll();
  }

  /** The slot is given up for a trouble of the whole run: its pages are left as they are. */
  abandon(slot: Slot): void {
    this.#busy.delete(slot.id);
    this.#ahead.delete(slot.id);
    this.#wakeAll();
  }

  /** Which try of a page comes next, from 1. */
  attemptOf(page: PageId): number {
    return (this.#failures.get(page)?.length ?? 0) + 1;
  }

  /** True where a page that comes to nothing now would get another try. */
  mayTryAgain(page: PageId, slot: Slot): boolean {
    const failures = this.#failures.get(page) ?? [];
    const now: Failure = { gpu: slot.gpu?.index ?? null, reason: 'error', message: '', hadCardAlone: true };
    return nextTry([...failures, now], this.#retries, this.#cards()).again;
  }

  /** Takes a GPU out at once, for a reason of its own. False where it was out already. */
  bench(gpu: number | null): boolean {
    const benched = this.#health.bench(gpu);
    this.#retireBenched();
    this.#wakeAll();
    return benched;
  }

  /** True where no slot is left that may work. */
  get allBenched(): boolean {
    return this.#slots.every((slot) => this.#health.isBenched(slot.gpu?.index ?? null));
  }

  /** Set where nothing works anywhere and nobody is at work: the words that every lost worker left. */
  get hopeless(): string | undefined {
    return this.#busy.size + this.#ahead.size === 0 ? this.#health.sameWordsEverywhere : undefined;
  }

  /** Pages that nobody can take any more, each as the failure that it is. To be asked for when slots were benched. */
  stranded(): Failed[] {
    const failed: Failed[] = [];
    for (const { page } of [...this.#lone.values()]) {
      const failures = this.#failures.get(page.id) ?? [];
      if (nextTry(failures, this.#retries, this.#cards()).again && !this.allBenched) continue;
      this.#lone.delete(page.id);
      failed.push(this.#lastFailure(page, failures));
    }
    if (!this.allBenched) return failed;
    for (let pages = this.#schedule.take(''); pages; pages = this.#schedule.take('')) {
      failed.push(...pages.map((page) => this.#lastFailure(page, [])));
    }
    return failed;
  }

  /** The pages that have no end yet: to be counted when a run stops. */
  get undone(): number {
    let inHand = 0;
    for (const { pages } of this.#busy.values()) inHand += pages.length;
    return this.#schedule.waiting + this.#lone.size + this.#ahead.size + inHand;
  }

  #failed(page: Page, failure: Failure): Consequences {
    const failures = [...(this.#failures.get(page.id) ?? []), failure];
    const { reason, message } = failure;
    const failed: Failed = { page, reason, message, attempts: failures.length };
    if (!nextTry(failures, this.#retries, this.#cards()).again) {
      this.#failures.delete(page.id);
      return this.#done({ ...NOTHING, failed: [failed] });
    }
    this.#failures.set(page.id, failures);
    this.#lone.set(page.id, { page });
    return this.#done({ ...NOTHING, retried: [failed] });
  }

  /**
   * A strike for a GPU; returns it where it is benched. Where nothing works anywhere it is not the GPU's fault: the run
   * stops, and its pages are left. So the last GPU is spared while another worker on it may still tell which it is.
   */
  #strike(gpu: number | null): readonly (number | null)[] {
    if (this.hopeless !== undefined) return [];
    const isUndecided = this.#busy.size > 0 && this.#health.sameWordsSoFar !== undefined;
    const isSpared = isUndecided && this.#cards().length === 1;
    return this.#health.strike(gpu, { isSpared }) ? [gpu] : [];
  }

  #takeBack(slot: Slot, pages: readonly Page[]): void {
    const work = this.#busy.get(slot.id);
    this.#busy.delete(slot.id);
    if (!work?.fromLone) this.#schedule.giveBack(slot.id, pages);
    else for (const page of pages) this.#lone.set(page.id, { page });
  }

  #lastFailure(page: Page, failures: readonly Failure[]): Failed {
    const last = failures.at(-1);
    return {
      page,
      reason: last?.reason ?? 'not-tried',
      message: last?.message ?? 'no usable GPU was left for it',
      attempts: failures.length,
    };
  }

  /** False while everything looks broken and some worker may still prove that it isn't, or another has the card alone. */
  #mayStart(slot: Slot): boolean {
    if (this.#health.sameWordsEverywhere !== undefined) return false;
    if (this.#busy.size > 0 && this.#health.hasStruckOut(slot.gpu?.index ?? null)) return false;
    return !this.#neighbours(slot).some((other) => this.#busy.get(other.id)?.wantsCardAlone);
  }

  #pick(slot: Slot, limit: number | undefined): Work | undefined {
    const probe = [...this.#lone.values()].find(({ probeOn }) => probeOn === slot.id);
    if (probe) return this.#begin(slot, [probe.page], { alone: true, wantsCardAlone: false });
    const cap = Math.min(
      limit ?? Number.POSITIVE_INFINITY,
      this.#caps.get(slot.id) ?? Number.POSITIVE_INFINITY,
    );
    const pages = this.#schedule.take(slot.id, cap);
    if (pages) {
      const together = this.#mayShareBatch(pages);
      if (together.length < pages.length) {
        const kept = new Set(together);
        this.#schedule.giveBack(
          slot.id,
          pages.filter((page) => !kept.has(page)),
        );
      }
      return this.#begin(slot, together, { alone: together.length === 1, wantsCardAlone: false });
    }
    const gpu = slot.gpu?.index ?? null;
    for (const { page, probeOn } of this.#lone.values()) {
      if (probeOn !== undefined) continue;
      const next = nextTry(this.#failures.get(page.id) ?? [], this.#retries, this.#cards());
      if (!next.again || !next.on.includes(gpu)) continue;
      if (next.alone && this.#neighbours(slot).some((other) => this.#isAtWork(other))) continue;
      return this.#begin(slot, [page], { alone: true, wantsCardAlone: next.alone });
    }
    return undefined;
  }

  #begin(slot: Slot, pages: readonly Page[], how: { alone: boolean; wantsCardAlone: boolean }): Work {
    const [first] = pages;
    const attempt = how.alone && first ? (this.#failures.get(first.id)?.length ?? 0) + 1 : 1;
    const isProbe = first !== undefined && this.#lone.get(first.id)?.probeOn === slot.id;
    const fromLone = first !== undefined && this.#lone.delete(first.id);
    const beside = this.#neighbours(slot).flatMap((other) => this.#busy.get(other.id) ?? []);
    for (const other of beside) other.hadCardAlone = false;
    const work = { pages, attempt, ...how, fromLone, isProbe, hadCardAlone: beside.length === 0 };
    this.#busy.set(slot.id, work);
    return work;
  }

  /** Between two pages a warm worker has begun with the one that was sent ahead. */
  #isAtWork({ id }: Slot): boolean {
    return this.#busy.has(id) || this.#ahead.has(id);
  }

  #neighbours(slot: Slot): Slot[] {
    return this.#slots.filter((other) => other !== slot && other.gpu?.index === slot.gpu?.index);
  }

  #cards(): Card[] {
    const cards = new Map<number | null, Card>();
    for (const { gpu } of this.#slots) {
      const index = gpu?.index ?? null;
      if (!this.#health.isBenched(index))
        cards.set(index, { gpu: index, memoryBytes: gpu?.memoryTotalBytes ?? 0 });
    }
    return [...cards.values()];
  }

  #retireBenched(): void {
    for (const slot of this.#slots) {
      if (!this.#health.isBenched(slot.gpu?.index ?? null)) continue;
      this.#schedule.retire(slot.id);
      for (const [id, lone] of this.#lone)
        if (lone.probeOn === slot.id) this.#lone.set(id, { page: lone.page });
    }
  }

  #done(consequences: Consequences): Consequences {
    this.#retireBenched();
    this.#wakeAll();
    return consequences;
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

function undone({ pages, finished }: BatchEvidence): Page[] {
  const done = new Set(finished);
  return pages.filter((page) => !done.has(page.id));
}
