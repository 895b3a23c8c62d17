import type { FailureReason } from '../model/outcome.ts';
import type { Page, PageId } from '../model/page.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Schedule } from '../schedule/strategy.ts';
import type { Assignment, Decision, Failed, LostWorker } from './assignment.ts';
import { DeviceHealth } from './device-health.ts';
import type { EarlierOutcomes } from './earlier-outcomes.ts';
import { type HeldAssignment, InFlight } from './in-flight.ts';
import { IsolationQueue } from './isolation-queue.ts';
import type { Card, Failure } from './retry-policy.ts';
import { type BatchEvidence, suspectsOf } from './suspects.ts';

const FROM_SCHEDULE = { fromLone: false, isProbe: false, isSample: false, wantsCardAlone: false };

const NO_PAST: EarlierOutcomes = { hasFailed: () => false, hasDone: () => false };

const NOTHING: Decision = { failed: [], retried: [], benched: [] };

/**
 * Who works on what: the schedule's pages, then the ones that must run alone, until each is finished or has failed. Knows
 * nothing of processes; a slot asks, works, and says how it went.
 */
export class Dispatcher {
  readonly #schedule: Schedule;
  readonly #slots: readonly Slot[];
  readonly #mayShareBatch: (pages: readonly Page[]) => readonly Page[];
  readonly #health: DeviceHealth;
  readonly #isolation: IsolationQueue;
  readonly #inFlight: InFlight;
  readonly #earlier: EarlierOutcomes;
  /** The most pages of a slot's next batch, after a child of it died without a sign. */
  readonly #caps = new Map<SlotId, number>();
  /** A GPU was benched, and nobody has looked yet whether that strands pages. */
  #lostCards = false;
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor({
    schedule,
    slots,
    retries,
    mayShareBatch,
    earlier = NO_PAST,
  }: {
    schedule: Schedule;
    slots: readonly Slot[];
    retries: number;
    /** Those of the pages that can be in one batch, in order; the first is always one of them. */
    mayShareBatch: (pages: readonly Page[]) => readonly Page[];
    earlier?: EarlierOutcomes | undefined;
  }) {
    this.#schedule = schedule;
    this.#slots = slots;
    this.#mayShareBatch = mayShareBatch;
    this.#health = new DeviceHealth(slots.map(({ id }) => id));
    this.#isolation = new IsolationQueue(retries);
    this.#inFlight = new InFlight(slots);
    this.#earlier = earlier;
  }

  /** The next work for a slot, as soon as there is some; undefined when there will be none. `idle`: it has to wait. */
  async next(slot: Slot, limit?: number, idle?: () => void): Promise<Assignment | undefined> {
    for (;;) {
      if (this.#closed || this.#health.isBenched(slot.gpu?.index ?? null)) return undefined;
      const work = this.#mayStart(slot) ? this.#pick(slot, limit) : undefined;
      if (work) return work;
      const { complete, waiting } = this.#schedule;
      if (complete && waiting + this.#isolation.size === 0 && !this.#inFlight.areBusy) {
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
    this.#isolation.forget(page);
    this.#schedule.finished(slot.id, page, seconds);
    const benched = this.#health.finished(slot.gpu?.index ?? null, page);
    this.#lostCards ||= benched.length > 0;
    this.#retireBenched();
    // Other slots may have held back because nothing had worked so far.
    this.#wakeAll();
    return benched;
  }

  /** The worker of a batch of several pages ended, with or without all of them done. */
  batchEnded(slot: Slot, evidence: BatchEvidence, lost: LostWorker | undefined): Decision {
    const { suspects, back } = lost ? suspectsOf(evidence) : { suspects: [], back: undone(evidence) };
    for (const page of suspects) this.#isolation.add(page, lost?.withoutSign ? slot.id : undefined);
    this.#endWork(slot, back);
    this.#schedule.giveBack(slot.id, back);
    this.#caps.delete(slot.id);
    // Pages that failed before are no news, neither of their GPU nor of the whole.
    if (!lost || evidence.pages.every(({ id }) => this.#earlier.hasFailed(id))) return this.#done(NOTHING);
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
  ): Decision {
    const { hadCardAlone = true, isProbe = false, isSample = false } = this.#endWork(slot, []) ?? {};
    const gpu = slot.gpu?.index ?? null;
    const loss = lost && { gpu, lastWords: lost.lastWords };
    if (loss && this.#earlier.hasFailed(page.id)) this.#health.blame(loss, page.id);
    else if (loss) {
      const before = lost?.withoutSign ? undefined : page.id;
      // A probe that ends like the child before it says no more than that one: two bad first pages are not the end.
      if (before !== undefined || !isProbe)
        this.#health.lost({ ...loss, slot: slot.id, page: before, isSample });
      if (before === undefined) this.#health.blame(loss, page.id);
    }
    return this.#failed(page, { gpu, reason, message, hadCardAlone });
  }

  /** A page failed in a batch whose program told so and went on: that was a try, and the batch is still at work. */
  toldFailed(
    slot: Slot,
    page: Page,
    { reason, message }: { reason: FailureReason; message: string },
  ): Decision {
    const hadCardAlone = this.#inFlight.of(slot)?.hadCardAlone ?? true;
    return this.#failed(page, { gpu: slot.gpu?.index ?? null, reason, message, hadCardAlone });
  }

  /** The slot's work is over without a verdict on any page: it was stopped, or its pages never reached a child. */
  handedBack(slot: Slot, pages: readonly Page[]): void {
    this.#takeBack(slot, pages);
    this.#wakeAll();
  }

  /** A warm worker was lost before it was ready: its page was never begun, and the GPU gets a strike. */
  startFailed(slot: Slot, page: Page, { lastWords }: Pick<LostWorker, 'lastWords'>): Decision {
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
    if (this.#inFlight.isCardTaken(slot)) return undefined;
    const page = this.#schedule.takeAhead(slot.id);
    if (page) this.#inFlight.putAhead(slot, page);
    return page;
  }

  /** The page before is done: the one that was sent ahead is what the slot works on now. */
  aheadBegins(slot: Slot): void {
    const page = this.#inFlight.takeAhead(slot);
    if (page) this.#begin(slot, [page], FROM_SCHEDULE);
  }

  /** The page that was sent ahead was not begun; `hasEnd`: it never will be. */
  aheadHandedBack(slot: Slot, { hasEnd = false } = {}): void {
    const page = this.#inFlight.takeAhead(slot);
    if (page && hasEnd) this.#schedule.finished(slot.id, page.id);
    else if (page) this.#schedule.giveBack(slot.id, [page]);
    this.#wakeAll();
  }

  /** The slot is given up for a trouble of the whole run: its pages are left as they are. */
  abandon(slot: Slot): void {
    this.#inFlight.end(slot);
    this.#inFlight.takeAhead(slot);
    this.#wakeAll();
  }

  /** Which try of a page comes next, from 1. */
  attemptOf(page: PageId): number {
    return this.#isolation.attemptOf(page);
  }

  /** True where a page that comes to nothing now would get another try. */
  mayTryAgain(page: PageId, slot: Slot): boolean {
    const now: Failure = { gpu: slot.gpu?.index ?? null, reason: 'error', message: '', hadCardAlone: true };
    return this.#isolation.mayTryAgain(page, now, this.#cards());
  }

  /** Takes a GPU out at once, for a reason of its own. False where it was out already. */
  bench(gpu: number | null, why?: string): boolean {
    const benched = this.#health.bench(gpu, why);
    this.#lostCards ||= benched;
    this.#retireBenched();
    this.#wakeAll();
    return benched;
  }

  /** What the worker said that this GPU lost last, or why else it was benched; undefined where it lost none. */
  lastWordsOn(gpu: number | null): string | undefined {
    return this.#health.lastWordsOn(gpu);
  }

  /** True where no slot is left that may work. */
  get allBenched(): boolean {
    return this.#slots.every((slot) => this.#health.isBenched(slot.gpu?.index ?? null));
  }

  /** Set where nothing works anywhere and nobody is at work: the words that every lost worker left. */
  get hopeless(): string | undefined {
    return this.#inFlight.areBusy ? undefined : this.#sameWordsEverywhere;
  }

  /** Pages that nobody can take any more, each as the failure that it is. To be asked for when slots were benched. */
  stranded(): Failed[] {
    // Only a card that went can strand a page: who failed since then was judged by the cards that are left.
    if (!this.#lostCards) return [];
    this.#lostCards = false;
    const failed = this.#isolation.takeStranded(this.#cards());
    // Others may have waited for these.
    if (failed.length > 0) this.#wakeAll();
    if (!this.allBenched) return failed;
    for (let pages = this.#schedule.take(''); pages; pages = this.#schedule.take('')) {
      failed.push(...pages.map((page) => this.#isolation.asStranded(page)));
    }
    return failed;
  }

  #failed(page: Page, failure: Failure): Decision {
    const { again, failed } = this.#isolation.failed(page, failure, this.#cards());
    return this.#done({ ...NOTHING, [again ? 'retried' : 'failed']: [failed] });
  }

  /**
   * A strike for a GPU; returns it where it is benched. Where nothing works anywhere it is not the GPU's fault: the run
   * stops, and its pages are left. So the last GPU is spared while another worker on it may still tell which it is.
   */
  #strike(gpu: number | null): readonly (number | null)[] {
    if (this.hopeless !== undefined) return [];
    const isUndecided = this.#inFlight.areBusy && this.#health.sameWordsSoFar !== undefined;
    const isSpared = isUndecided && this.#cards().length === 1;
    return this.#health.strike(gpu, { isSpared }) ? [gpu] : [];
  }

  get #sameWordsEverywhere(): string | undefined {
    return this.#health.sameWordsEverywhere({
      maySample: this.#schedule.waiting > 0,
      hasWorked: this.#earlier.hasDone(),
    });
  }

  #takeBack(slot: Slot, pages: readonly Page[]): void {
    if (!this.#endWork(slot, pages)?.fromLone) this.#schedule.giveBack(slot.id, pages);
    else for (const page of pages) this.#isolation.add(page);
  }

  /** The slot's work is over. Its pages but for those that go back are the schedule's no longer, whatever became of them. */
  #endWork(slot: Slot, back: readonly Page[]): HeldAssignment | undefined {
    const work = this.#inFlight.end(slot);
    const isBack = new Set(back);
    for (const page of work?.pages ?? []) {
      if (!isBack.has(page)) this.#schedule.finished(slot.id, page.id);
    }
    return work;
  }

  /** False while everything looks broken and some worker may still prove that it isn't, or another has the card alone. */
  #mayStart(slot: Slot): boolean {
    if (this.#sameWordsEverywhere !== undefined) return false;
    if (this.#inFlight.areBusy && this.#health.hasStruckOut(slot.gpu?.index ?? null)) return false;
    return !this.#inFlight.isCardTaken(slot);
  }

  #pick(slot: Slot, limit: number = Number.POSITIVE_INFINITY): Assignment | undefined {
    const probe = this.#isolation.takeProbe(slot.id);
    if (probe) return this.#begin(slot, [probe], { ...FROM_SCHEDULE, fromLone: true, isProbe: true });
    const sample = this.#health.wantsSample ? this.#schedule.takeFarOff(slot.id, 0.5) : undefined;
    if (sample) return this.#begin(slot, [sample], { ...FROM_SCHEDULE, isSample: true });
    const cap = Math.min(limit, this.#caps.get(slot.id) ?? Number.POSITIVE_INFINITY);
    const pages = this.#schedule.take(slot.id, cap);
    if (pages) return this.#begin(slot, this.#together(slot, pages), FROM_SCHEDULE);
    const isFree = this.#inFlight.hasCardFree(slot);
    const lone = this.#isolation.take(slot.gpu?.index ?? null, { cards: this.#cards(), isFree });
    if (!lone) return undefined;
    const { page, wantsCardAlone } = lone;
    return this.#begin(slot, [page], { ...FROM_SCHEDULE, fromLone: true, wantsCardAlone });
  }

  /** Those of the pages that can share a batch; the others go back. */
  #together(slot: Slot, pages: readonly Page[]): readonly Page[] {
    const together = this.#mayShareBatch(pages);
    if (together.length === pages.length) return pages;
    const kept = new Set(together);
    const others = pages.filter((page) => !kept.has(page));
    this.#schedule.giveBack(slot.id, others);
    return together;
  }

  #begin(
    slot: Slot,
    pages: readonly Page[],
    how: Pick<HeldAssignment, 'fromLone' | 'isProbe' | 'isSample' | 'wantsCardAlone'>,
  ): Assignment {
    const [only, second] = pages;
    const alone = second === undefined;
    const attempt = only && alone ? this.#isolation.attemptOf(only.id) : 1;
    return this.#inFlight.begin(slot, { pages, alone, attempt, ...how });
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
      this.#isolation.release(slot.id);
    }
  }

  #done(consequences: Decision): Decision {
    this.#lostCards ||= consequences.benched.length > 0;
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
